// Builds scenes from the facade's arguments.
#pragma once

#include <vector>

#include "smplceres/body.h"
#include "smplceres/camera.h"
#include "smplceres/evidence/scene.h"
#include "smplceres/keypoints.h"

namespace smplceres {

// betas: constant betas of a known person; empty: estimated. Throws std::invalid_argument for invalid input.
Scene MakeScene(const Body::Data& data,
                const std::vector<Keypoints>& keypoints,
                const std::vector<PinholeCamera>& cameras,
                const Eigen::VectorXd& betas);

}  // namespace smplceres
