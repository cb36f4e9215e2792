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

#include "smplceres/problem/objective.h"
#include "smplceres/problem/observations.h"
#include "smplceres/problem/variables.h"

namespace smplceres {

struct Start {
  Variables variables;
  InitialPlace place;
};

// Least number of visible keypoints that fix a body's place.
constexpr int kMinKeypoints = 3;

// The most facing directions that a fit tries.
constexpr int kMaxStarts = 1000;

// Throws std::invalid_argument where fewer than kMinKeypoints are seen or all fall on one point.
void CheckVisible(const Observations& observations);

// `num_starts` facing directions, evenly turned about the body's up axis, the best first. One start becomes
// two where front and back explain the keypoints about equally well (a person seen from the side). Throws
// std::invalid_argument where fewer than kMinKeypoints are seen or all fall on one point.
std::vector<Start> Initialise(const Observations& observations,
                              const Eigen::VectorXd& start_pose,
                              int num_starts);

// Moves a body of which any point is not well in front of the camera away along the ray of its pelvis until
// all are: a stage that starts behind the camera could not be evaluated.
void MoveInFront(const Observations& observations, Variables* variables);

// The place of a body whose variables are given: depth and scale as they are. pixels_per_metre is 0 for a
// pelvis behind a pinhole.
InitialPlace PlaceOf(const Observations& observations, const Variables& variables);

}  // namespace smplceres
