// Where the body starts: orientation, position and depth from whatever keypoints are seen, pose from the
// prior.
//
// The body in its start pose, turned by the yaw psi about its own up axis and seen upright, gives flat points
// q_k(psi) = (X_k, Y_k). As complex numbers they are laid over the (normalised) keypoints x_k by the
// similarity
//
//   min over a, b of  sum_k c_k |a q_k + b - x_k|^2,
//
// whose argument arg(a) is the roll in the picture, whose modulus |a| = 1 / depth (pinhole) or the zoom
// (weak perspective), and whose b is where the pelvis is. The yaw that leaves the least is the start; the
// torso and head decide, or all keypoints where fewer than three of those are seen.
#pragma once

#include <vector>

#include "smplceres/evidence/scene.h"
#include "smplceres/objective/state.h"

namespace smplceres {

// Least number of visible keypoints that fix a body's place.
constexpr int kMinKeypoints = 3;

// The most facing directions that a fit tries.
constexpr int kMaxStarts = 1000;

// Throws std::invalid_argument unless one view sees kMinKeypoints that do not all fall on one point, or
// points in space fix the place.
void CheckVisible(const Scene& scene);

// `num_starts` facing directions, evenly turned about the body's up axis, the best first. One start becomes
// two where front and back explain the keypoints about equally well (a person seen from the side). With
// several views, the two best of what each of them takes for the place. `pitch`: radians that the pelvis is
// turned forward by, about its axis to the left, before the yaw; of no account where points in space fix the
// place. Throws as CheckVisible.
std::vector<State> Initialise(const Scene& scene,
                              const Eigen::VectorXd& start_pose,
                              int num_starts,
                              double pitch = 0.0);

// Moves a body of which any point is not well in front of a camera that sees it away along the ray of its
// pelvis until all are: a stage that starts behind a camera could not be evaluated.
void MoveInFront(const Scene& scene, Variables* variables);

// Variables that are given, with the betas that are known, moved in front. Throws std::invalid_argument
// where they are of another body or other views, or the pelvis is behind a camera that sees it.
State StartFrom(const Scene& scene, const Variables& variables);

}  // namespace smplceres
