// What all energy terms share.
//
// A term is an energy  E = weight * sum_i |e_i|^2  with residual rows  r_i = sqrt(weight) e_i: `weight`
// multiplies the energy, the residual takes its square root. Reported energies are sum |r|^2; Ceres
// minimises half of that. A weight of 0, the default, leaves the term out. Weights published for residuals
// (as SMPLify's are) enter squared.
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

namespace smplceres {

// What a term's rows are evidence of. Code asks a term's source, never its name.
enum class TermSource {
  kImage,      // what cameras saw: keypoints, masks
  kSpace,      // points measured in space
  kGround,     // the ground plane: known beforehand, yet evidence about each frame anew
  kPose,       // beliefs about poses
  kCollision,  // a body does not pass through itself
  kShape,      // beliefs about shapes
  kPerson,     // what is known of this person
  kPlace,      // where the body was placed first
  kCamera,     // beliefs about cameras
  kMotion,     // beliefs about motion between frames
};

// One row beside the options of each term; every cost function of the term carries it.
struct TermInfo {
  const char* name;  // of the member of Stage, and in reported energies
  TermSource source;
  // Weight at which E = -2 log p up to a constant. 0: the energy is not the logarithm of a density of its own
  // (then it keeps its ratio to the pose prior's), or of one that depends on the noise (keypoints, masks).
  double density_weight;
};

// The part of a parameter block that a prior constrains.
struct Slice {
  int begin;       // first column
  int block_size;  // columns of the whole block
};

// sqrt(weight), the factor on a residual. Throws std::invalid_argument naming the term.
inline double ResidualScale(const TermInfo& term, double weight) {
  if (!(weight >= 0.0) || std::isinf(weight))
    throw std::invalid_argument(std::string(term.name) + ".weight: expected a finite number >= 0, got " +
                                std::to_string(weight));
  return std::sqrt(weight);
}

}  // namespace smplceres
