// Where else the body may start from where one start may have led astray: poses of other kinds, each facing
// several directions.
//
//   means          of the components of the pose prior, where it is a mixture
//   bent forward   hips bent by kBend, the pelvis turned forward as far: legs upright, the trunk not
#pragma once

#include <vector>

#include "smplceres/fit/start/initialise.h"

namespace smplceres {

// In order. `start_pose`: 3 (J - 1), radians, that the bent one is made of. Throws as Initialise.
std::vector<State> OtherStarts(const Scene& scene, const Eigen::VectorXd& start_pose);

}  // namespace smplceres
