// What all energy terms share.
//
// A term is an energy  E = weight * sum_i |e_i|^2  with residual rows  r_i = sqrt(weight) e_i: `weight`
// multiplies the energy, the residual takes its square root. Reported energies are sum |r|^2; Ceres
// minimises half of that. A weight of 0 leaves the term out. Weights published for residuals (as SMPLify's
// are) enter squared.
//
// A data term is a functor of skinned points (and of the camera's zoom), templated on the scalar:
//
//   static constexpr int kNumPoints, kNumResiduals;
//   template <typename T> bool operator()(const T* points, const T* camera, T* residuals) const;
//
// and derivatives are nobody's work: PointTermSet differentiates it by Jets over those few scalars, and
// PointsCost (cost/points_cost.h) chains them with the points' own Jacobian.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>

#include "smplceres/base/check.h"
#include "smplceres/body/layout.h"

namespace smplceres {

// sqrt(weight), the factor on a residual. Throws std::invalid_argument naming the term.
inline double ResidualScale(const char* term, double weight) {
  if (!(weight >= 0.0) || std::isinf(weight))
    throw std::invalid_argument(std::string(term) + ".weight: expected a finite number >= 0, got " +
                                std::to_string(weight));
  return std::sqrt(weight);
}

}  // namespace smplceres
