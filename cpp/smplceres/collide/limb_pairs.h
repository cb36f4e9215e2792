// Limbs of a body, each with things numbered in a row (spheres, patches), and which of them may meet.
//
// A limb is a joint with the surface that it moves; small joints at the ends (toes, fingers, jaw, eyes) are
// part of the limb that they hang on, which makes 20 limbs of SMPL's tree and of those that share its first
// 22 joints.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "smplceres/body/skinned_points.h"

namespace smplceres {

// What holds all things of a limb, whatever the pose: a ball about a point that a joint carries.
//
//   |p - c| <= reach(beta) = reach + sum_b reach_betas_b |beta_b|       of the first points p of its things
//   |p - q| <= radius(beta), likewise                                   of the two points of each thing
struct LimbBound {
  int joint = 0;
  Eigen::Vector3d centre = Eigen::Vector3d::Zero();  // at rest, metres
  KinematicsJacobian::Matrix3B shapedirs;            // 3 x (B + X)
  double reach = 0.0, radius = 0.0;                  // metres, of the mean shape
  Eigen::VectorXd reach_betas, radius_betas;         // B
};

struct Limb {
  int joint;  // the one nearest to the root
  int begin;  // numbers of its things: begin to end - 1
  int end;
  int chain;  // arms, legs, head, trunk: limbs that follow one another without a fork
  LimbBound bound;
};

struct LimbPair {
  int first, second;           // limbs, first < second
  std::vector<char> may_meet;  // things of the first limb x of the second
};

struct LimbPairs {
  std::vector<Limb> limbs;  // ascending joints
  std::vector<LimbPair> pairs;
  int num_chains = 0;

  bool MayMeet(const LimbPair& pair, int i, int j) const {
    const Limb &a = limbs[static_cast<size_t>(pair.first)], &b = limbs[static_cast<size_t>(pair.second)];
    return pair.may_meet[static_cast<size_t>((i - a.begin) * (b.end - b.begin) + j - b.begin)] != 0;
  }
};

// The limb of each joint, by the limb's first joint.
std::vector<int> LimbOfJoints(const BodyModel& model, const std::vector<int>& part_of_vertices);

// Fills in what follows from the limbs: chains, and pairs of those that neither follow one another nor touch
// by nature (parts.h), with those of their things for which clear(i, j) holds.
void PairLimbs(const BodyModel& model,
               const std::vector<int>& limb_of_joints,
               const std::function<bool(int, int)>& clear,
               LimbPairs* limbs);

// One point of a thing, carried by a joint: at a + S beta at rest.
struct CarriedPoint {
  int joint;
  Eigen::Vector3d a;
  KinematicsJacobian::Matrix3B S;
};

std::shared_ptr<const SkinnedPoints> CarryPoints(const BodyModel& model,
                                                 const std::vector<CarriedPoint>& points);

// Fills in the bounds. points: 2 i and 2 i + 1 of thing i.
void BoundLimbs(const BodyModel& model, const std::vector<CarriedPoint>& points, LimbPairs* limbs);

}  // namespace smplceres
