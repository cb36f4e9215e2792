// Where the body starts when points of it were measured in space: the rigid motion p -> R p + t that lays
// the body in its start pose over them,
//
//   min over R, t of  sum_k c_k |R p_k + t - x_k|^2,     c_k = trace(Sigma_k^-1) / 3,
//
// by the singular value decomposition of sum_k c_k (x_k - mean)(p_k - mean)^T, with the sign that makes R a
// rotation. No scale: the points are in metres.
// Source: Umeyama, Least-squares estimation of transformation parameters between two point patterns, IEEE
// TPAMI 13(4), 1991.
//
// Limbs are seldom where the start pose has them, so the torso and head decide, or all points where those do
// not span a plane.
#pragma once

#include <Eigen/Core>

#include "smplceres/evidence/scene.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

// Least number of points that fix where a body is.
constexpr int kMinPoints3d = 3;

// Whether points were measured in space from which a start can be found: three that are not on one line.
bool CanAlign(const Scene& scene);

// Throws std::invalid_argument that says why a start cannot be found from the points measured in space.
void CheckAligns(const Points3d& points);

// The body in its start pose, laid over the points. Needs CanAlign.
Variables Align3d(const Scene& scene, const Eigen::VectorXd& start_pose);

}  // namespace smplceres
