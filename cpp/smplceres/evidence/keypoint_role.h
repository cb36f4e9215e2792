// Roles of keypoints.
#pragma once

namespace smplceres {

// A stage has a weight for each role. Shoulders, hips, neck and head also determine the initial estimate.
enum class KeypointRole { kShoulder = 0, kHip = 1, kHead = 2, kLimb = 3, kNeck = 4 };

}  // namespace smplceres
