// Scenes of what the facade is given.
#pragma once

#include <vector>

#include "smplceres/body.h"
#include "smplceres/camera.h"
#include "smplceres/evidence/scene.h"
#include "smplceres/keypoints.h"

namespace smplceres {

// Throws std::invalid_argument naming what is wrong. betas: of a known person, held; empty: estimated.
Scene MakeScene(const Body::Data& data,
                const std::vector<Keypoints>& keypoints,
                const std::vector<PinholeCamera>& cameras,
                const Eigen::VectorXd& betas);

}  // namespace smplceres
