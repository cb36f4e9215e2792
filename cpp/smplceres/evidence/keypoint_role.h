// Roles of keypoints.
#pragma once

namespace smplceres {

// A stage has a weight for each role. Shoulders, hips, neck and head also determine the initial estimate.
enum class KeypointRole {
  kShoulder = 0,
  kHip = 1,
  kHead = 2,
  kLimb = 3,
  kNeck = 4,
  kHand = 5,     // fingers
  kFace = 6,     // brows, eyes, nose and mouth of a detailed face
  kContour = 7,  // the edge of a detailed face
};

constexpr int kNumKeypointRoles = 8;

// Whether a keypoint is on the trunk or the head, whose pose is nearly known before the fit.
constexpr bool IsTorso(KeypointRole role) {
  return role == KeypointRole::kShoulder || role == KeypointRole::kHip || role == KeypointRole::kHead ||
         role == KeypointRole::kNeck;
}

}  // namespace smplceres
