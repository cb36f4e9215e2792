// Names of the joints and landmarks of the SMPL family.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "smplceres/io/named_body.h"

namespace smplceres {

// SMPL's 24 joints; SMPL-H (52) and SMPL-X (55) share the first kSharedJoints.
const std::vector<std::string>& SmplJoints();
constexpr int kSharedJoints = 22;

// Names of SMPL's 24 joints, SMPL-H's 52 or SMPL-X's 55; otherwise joint_0, joint_1 ...
std::vector<std::string> JointNames(int num_joints);

// Landmarks of the meshes of SMPL and SMPL-H (6890 vertices) and SMPL-X (10475), one vertex each. Other
// meshes have none, since the order of their vertices is unknown.
std::vector<Landmark> KnownLandmarks(std::int64_t num_vertices, std::int64_t num_joints);

}  // namespace smplceres
