// The initial estimate from measured 3D points: the rigid motion p -> R p + t that aligns the body in its
// start pose with them,
//
//   min over R, t of  sum_k c_k |R p_k + t - x_k|^2,     c_k = trace(Sigma_k^-1) / 3,
//
// by the singular value decomposition of sum_k c_k (x_k - mean)(p_k - mean)^T, with the sign that makes R a
// rotation. The scale is 1, since the points are in metres.
// Reference: Umeyama, Least-squares estimation of transformation parameters between two point patterns, IEEE
// TPAMI 13(4), 1991.
//
// Limbs are seldom in their start pose, so only torso and head are aligned, or all points if those do not
// span a plane.
#pragma once

#include <Eigen/Core>

#include "smplceres/evidence/scene.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

// Minimum number of points that determine the rigid motion.
constexpr int kMinPoints3d = 3;

// Whether there are measured 3D points that determine the rigid motion: three that are not on one line.
bool CanAlign(const Scene& scene);

// Throws std::invalid_argument that explains why the points do not determine the rigid motion.
void CheckAligns(const Points3d& points);

// The body in its start pose, aligned with the points. Requires CanAlign(scene).
Variables Align3d(const Scene& scene, const Eigen::VectorXd& start_pose);

}  // namespace smplceres
