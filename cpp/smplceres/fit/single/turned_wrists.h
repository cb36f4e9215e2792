// Hands turned by pi about their forearms, the other minimum of a hand's keypoints.
#pragma once

#include <vector>

#include "smplceres/evidence/scene.h"
#include "smplceres/objective/state.h"

namespace smplceres {

// A hand needs this many visible keypoints of its fingers for its turn to be tried.
constexpr int kMinHandKeypoints = 4;

// A hand is poorly fitted if the root mean square distance of its keypoints is greater than this, metres at
// the body's depth: right ones with a noise of 3 px at 130 px a hand are off by 0.006, hands with the thumb
// on the wrong side by 0.02 and more.
constexpr double kPoorHand = 0.009;

// The wrists of poorly fitted hands with enough visible keypoints. Hands are the slices of components
// (body/layout.h).
std::vector<int> PoorWrists(const Scene& scene, const State& state);

// The body with this wrist turned by pi about its forearm, and the hand in its mean pose.
Variables TurnedWrist(const BodyModel& model, const Variables& variables, int wrist);

}  // namespace smplceres
