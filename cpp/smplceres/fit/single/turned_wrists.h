// Hands in another minimum of their keypoints, such as turned by pi about the forearm.
#pragma once

#include <optional>
#include <vector>

#include "smplceres/base/interrupted.h"
#include "smplceres/evidence/scene.h"
#include "smplceres/objective/stage.h"
#include "smplceres/objective/state.h"

namespace smplceres {

// A hand needs this many visible keypoints of its fingers for others to be tried.
constexpr int kMinHandKeypoints = 4;

// A hand is poorly fitted if the root mean square distance of its keypoints is greater than this, metres at
// the body's depth: right ones with a noise of 3 px at 130 px a hand are off by 0.006, hands with the thumb
// on the wrong side by 0.02 and more.
constexpr double kPoorHand = 0.009;

// Poorly fitted hands with enough visible keypoints: slices of components (body/layout.h).
std::vector<Slice> PoorHands(const Scene& scene, const State& state);

// The body with poorly fitted hands replaced by better ones, or none if there is none.
//
// Each hand is solved alone, its elbow, wrist and fingers free and its keypoints and those of the wrist
// visible, from its mean pose turned about the forearm by kTurns even angles. The solution of least energy
// replaces the hand if its energy is less than kBetterHand of the present one.
std::optional<Variables> WithBetterHands(const Stage& stage,
                                         const Scene& scene,
                                         const State& state,
                                         const Interrupted& interrupted);

constexpr int kTurns = 4;
constexpr double kBetterHand = 0.95;

}  // namespace smplceres
