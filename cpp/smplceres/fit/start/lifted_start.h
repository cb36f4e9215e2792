// The initial estimate that the network predicts (evidence/lifting.h): orientation and pose are its own, the
// position t, of the pelvis in the camera's axes, is the least squares solution of
//
//   sum_k c_k^2 | (P_k + t)_xy - x_k (P_k + t)_z |^2       pinhole camera
//   sum_k c_k^2 | zoom (P_k + t)_xy - x_k |^2              weak perspective, with the zoom if it is unknown
//
// with the points P_k of the body about its pelvis, their normalised keypoints x_k and confidences c_k.
#pragma once

#include <optional>
#include <vector>

#include "smplceres/evidence/scene.h"
#include "smplceres/objective/stage.h"
#include "smplceres/objective/state.h"

namespace smplceres {

struct LiftedStart {
  State state;
  // The first stage that has the conditional prior: those before it only approach such a pose.
  size_t first_stage;
};

// start_pose: 3 (J - 1), radians, of the joints that the network does not predict. None if the last stage has
// no conditional prior, without a prediction, and if the keypoints do not determine a position in front of
// the camera.
std::optional<LiftedStart> StartLifted(const Scene& scene,
                                       const Eigen::VectorXd& start_pose,
                                       const std::vector<Stage>& stages);

}  // namespace smplceres
