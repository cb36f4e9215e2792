// Definitions shared by all energy terms.
//
// A term is an energy  E = weight * sum_i |e_i|^2  with residual rows  r_i = sqrt(weight) e_i. Reported
// energies are sum |r|^2; Ceres minimises half of that. A weight of 0, the default, leaves the term out.
// Weights that are published for residuals (as SMPLify's are) must be squared.
//
// A data term is a functor of skinned points (and of the camera's zoom), templated on the scalar:
//
//   static constexpr int kNumPoints, kNumResiduals;
//   template <typename T> bool operator()(const T* points, const T* camera, T* residuals) const;
//
// Its derivatives are automatic: PointTermSet differentiates it by Jets over those few scalars, and
// PointsCost (cost/points_cost.h) applies the chain rule with the points' Jacobian.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>

#include "smplceres/base/check.h"
#include "smplceres/body/layout.h"

namespace smplceres {

// The source of a term's information. Code distinguishes terms by source, never by name.
enum class TermSource {
  kImage,       // observations in images: keypoints, masks
  kSpace,       // points measured in 3D
  kGround,      // the ground plane: known in advance, but independent evidence in each frame
  kPose,        // priors on poses
  kPrediction,  // predicted from the images: no evidence besides them
  kCollision,   // a body does not pass through itself
  kShape,       // priors on shapes
  kPerson,      // known facts about this person
  kPlace,       // the initial position of the body
  kCamera,      // priors on cameras
  kMotion,      // priors on motion between frames
};

// Each term defines one TermInfo beside its options; every cost function of the term carries it.
struct TermInfo {
  const char* name;  // the member of Stage, and the key in reported energies
  TermSource source;
  // Weight at which E = -2 log p up to a constant. 0: the energy is not the negative log of a density (then
  // it keeps its ratio to the pose prior's), or of one that depends on the noise (keypoints, masks).
  double density_weight;
};

// Documentation of the field `weight` of a term's options. ForEachField calls visit(name, member,
// documentation) for each field; the Python classes get their attributes from there.
constexpr const char* kWeightDoc = "Factor on the energy, >= 0; 0 leaves the term out.";

// sqrt(weight), the factor on a residual. Throws std::invalid_argument naming the term.
inline double ResidualScale(const TermInfo& term, double weight) {
  if (!(weight >= 0.0) || std::isinf(weight))
    throw std::invalid_argument(std::string(term.name) + ".weight: expected a finite number >= 0, got " +
                                std::to_string(weight));
  return std::sqrt(weight);
}

}  // namespace smplceres
