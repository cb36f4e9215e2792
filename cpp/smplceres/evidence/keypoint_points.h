// The skinned points and roles of a format's keypoints on a body.
#pragma once

#include <memory>
#include <vector>

#include "smplceres/body/skinned_points.h"
#include "smplceres/evidence/keypoint_role.h"
#include "smplceres/io/keypoint_format.h"
#include "smplceres/io/named_body.h"

namespace smplceres {

struct KeypointPoints {
  std::shared_ptr<const SkinnedPoints> points;  // one per keypoint that the body has
  std::vector<int> point_of_keypoint;           // K, index in `points`; -1 if the body has no such point
  std::vector<KeypointRole> roles;              // K
};

// The role of a keypoint's first location.
KeypointRole RoleOf(const FormatKeypoint& keypoint);

// Throws std::invalid_argument if the body has none of the format's points.
KeypointPoints MakeKeypointPoints(const NamedBody& body, const KeypointFormat& format);

}  // namespace smplceres
