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
// PointsCost (problem/points_cost.h) chains them with the points' own Jacobian.
#pragma once

#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string>

namespace smplceres {

// The part of a parameter block that a prior speaks of.
struct Slice {
  int begin;       // first column
  int block_size;  // columns of the whole block
};

// sqrt(weight), the factor on a residual. Throws std::invalid_argument naming the term.
inline double ResidualScale(const char* term, double weight) {
  if (!(weight >= 0.0) || std::isinf(weight))
    throw std::invalid_argument(std::string(term) + ".weight: expected a finite number >= 0, got " +
                                std::to_string(weight));
  return std::sqrt(weight);
}

// Throws std::invalid_argument unless value > 0 and finite.
inline void CheckPositive(const char* name, double value) {
  if (!(value > 0.0) || std::isinf(value))
    throw std::invalid_argument(std::string(name) + ": expected a finite number > 0, got " +
                                std::to_string(value));
}

// Throws std::invalid_argument unless least <= value <= most.
inline void CheckRange(const char* name, double value, double least, double most) {
  if (value >= least && value <= most) return;
  std::ostringstream message;
  message << name << ": expected a number from " << least << " to " << most << ", got " << value;
  throw std::invalid_argument(message.str());
}

}  // namespace smplceres
