// Names of the joints and landmarks of the SMPL family.
#pragma once

#include <cstddef>
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

// The 68 points of a face in the order of 300-W (iBUG): the edge first, then brows, nose, eyes and mouth,
// each from the person's right to the left; mirrored points have the same number.
const std::vector<std::string>& FaceLandmarks();
constexpr size_t kNumContourLandmarks = 17;

// The 30 joints of the fingers of SMPL-H and SMPL-X, and the tips: left_index1, ..., right_pinky_tip.
const std::vector<std::string>& FingerLocations();

// Landmarks of the meshes of SMPL and SMPL-H (6890 vertices) and SMPL-X (10475), one vertex each, the
// tips of fingers among them for bodies with fingers. Other meshes have none, since the order of their vertices is unknown.
std::vector<Landmark> KnownLandmarks(std::int64_t num_vertices, std::int64_t num_joints);

}  // namespace smplceres
