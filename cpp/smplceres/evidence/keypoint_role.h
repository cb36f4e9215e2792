// Kinds of keypoints.
#pragma once

namespace smplceres {

// A stage can weight each kind apart; shoulders, hips, neck and head also decide where a fit starts.
enum class KeypointRole { kShoulder = 0, kHip = 1, kHead = 2, kLimb = 3, kNeck = 4 };

}  // namespace smplceres
