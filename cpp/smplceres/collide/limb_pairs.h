// Limbs of a body, each with consecutively numbered primitives (spheres or patches), and the pairs of
// primitives that may collide.
//
// A limb is a joint with the surface that it moves. Small joints at the ends (toes, fingers, jaw, eyes)
// belong to their parent's limb, so SMPL's tree, and those that share its first 22 joints, have 20 limbs.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "smplceres/body/skinned_points.h"

namespace smplceres {

// Bounds of a limb's primitives in every pose, about a centre c that a joint carries.
//
//   |p - c| <= reach(beta) = reach + sum_b reach_betas_b |beta_b|       for the first point p of each
//   primitive |p - q| <= radius(beta), likewise                                   for the two points p, q of
//   each primitive
struct LimbBound {
  int joint = 0;
  Eigen::Vector3d centre = Eigen::Vector3d::Zero();  // at rest, metres
  KinematicsJacobian::Matrix3B shapedirs;            // 3 x (B + X)
  double reach = 0.0, radius = 0.0;                  // metres, of the mean shape
  Eigen::VectorXd reach_betas, radius_betas;         // B
};

struct Limb {
  int joint;  // the joint nearest to the root
  int begin;  // its primitives are begin to end - 1
  int end;
  int chain;  // arm, leg, head or trunk: limbs that follow one another without a fork
  LimbBound bound;
};

struct LimbPair {
  int first, second;              // limbs, first < second
  std::vector<char> may_collide;  // primitives of the first limb x those of the second
};

struct LimbPairs {
  std::vector<Limb> limbs;  // by ascending joint
  std::vector<LimbPair> pairs;
  int num_chains = 0;

  bool MayCollide(const LimbPair& pair, int i, int j) const {
    const Limb &a = limbs[static_cast<size_t>(pair.first)], &b = limbs[static_cast<size_t>(pair.second)];
    return pair.may_collide[static_cast<size_t>((i - a.begin) * (b.end - b.begin) + j - b.begin)] != 0;
  }
};

// The limb of each joint, given by the limb's first joint.
std::vector<int> LimbOfJoints(const BodyModel& model, const std::vector<int>& part_of_vertices);

// Computes chains and pairs from the limbs. Limbs are paired if they neither follow one another nor touch at
// rest (parts.h); their primitives i and j may collide if clear(i, j).
void PairLimbs(const BodyModel& model,
               const std::vector<int>& limb_of_joints,
               const std::function<bool(int, int)>& clear,
               LimbPairs* limbs);

// A point of a primitive: a + S beta at rest, carried by a joint.
struct CarriedPoint {
  int joint;
  Eigen::Vector3d a;
  KinematicsJacobian::Matrix3B S;
};

std::shared_ptr<const SkinnedPoints> CarryPoints(const BodyModel& model,
                                                 const std::vector<CarriedPoint>& points);

// Computes the bounds. points: 2 i and 2 i + 1 are those of primitive i.
void BoundLimbs(const BodyModel& model, const std::vector<CarriedPoint>& points, LimbPairs* limbs);

}  // namespace smplceres
