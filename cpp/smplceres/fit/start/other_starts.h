// Alternative initial estimates with other poses, each with several facing directions.
//
//   means          the means of the pose prior's components, if it is a mixture
//   bent forward   hips bent by kBend and the pelvis rotated forward by as much: upright legs, a bent trunk
#pragma once

#include <vector>

#include "smplceres/fit/start/initialise.h"

namespace smplceres {

// start_pose: 3 (J - 1), radians, from which the bent pose is made. Throws as Initialise does.
std::vector<State> OtherStarts(const Scene& scene, const Eigen::VectorXd& start_pose);

}  // namespace smplceres
