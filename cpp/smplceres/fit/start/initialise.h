// The initial estimate: orientation and position from the visible keypoints, pose from the prior.
//
// The body in its start pose, rotated by the yaw psi about its up axis, projects to points q_k(psi) = (X_k,
// Y_k). As complex numbers, they are aligned with the (normalised) keypoints x_k by the similarity
//
//   min over a, b of  sum_k c_k |a q_k + b - x_k|^2,
//
// where arg(a) is the roll in the image, |a| is 1 / depth (pinhole) or the zoom (weak perspective), and b is
// the position of the pelvis. The initial estimate has the yaw with the minimum residual. Only keypoints of
// torso and head are aligned, or all keypoints if fewer than three of those are visible.
#pragma once

#include <vector>

#include "smplceres/evidence/scene.h"
#include "smplceres/objective/state.h"

namespace smplceres {

// Minimum number of visible keypoints that determine a body's position.
constexpr int kMinKeypoints = 3;

// Maximum number of facing directions that a fit tries.
constexpr int kMaxStarts = 1000;

// Throws std::invalid_argument unless a view has at least kMinKeypoints visible keypoints at different
// positions, or 3D points determine the body's position.
void CheckVisible(const Scene& scene);

// Initial estimates with `num_starts` facing directions, evenly spaced about the body's up axis, the best
// first. A single one becomes two if front and back explain the keypoints about equally well (a person seen
// from the side). Several views give at most two. pitch: radians by which the pelvis is rotated forward
// before the yaw; unused if 3D points determine the position. Throws as CheckVisible does.
std::vector<State> Initialise(const Scene& scene,
                              const Eigen::VectorXd& start_pose,
                              int num_starts,
                              double pitch = 0.0);

// Moves the body along the viewing ray of its pelvis until all its points are in front of every camera that
// sees it; otherwise the first stage could not be evaluated.
void MoveInFront(const Scene& scene, Variables* variables);

// The initial estimate from given variables, with known betas, moved in front of the cameras. Throws
// std::invalid_argument if their sizes do not match the scene or the pelvis is behind a camera that sees it.
State StartFrom(const Scene& scene, const Variables& variables);

}  // namespace smplceres
