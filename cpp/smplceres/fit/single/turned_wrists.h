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

// A hand is poorly fitted if d^2 / kPoorDistance^2 + c^2 / kPoorPose^2 > 1.
//
//   d   root mean square distance of its keypoints, metres at the body's depth
//   c   root mean square of its components, standard deviations
//
// Of 480 synthetic hands (3 px at 130 px a hand; poses of train and train2, half of them from turned wrists),
// these thresholds find 97 % of those in a wrong minimum and 17 % of the others; d > 0.009 alone found 83 and
// 5 %.
constexpr double kPoorDistance = 0.008;
constexpr double kPoorPose = 2.0;

// Poorly fitted hands with enough visible keypoints: slices of components (body/layout.h).
std::vector<Slice> PoorHands(const Scene& scene, const State& state);

// Number of even angles by which a hand is turned about its forearm.
constexpr int kTurns = 4;
// A hand is better if its energy is less than this fraction of the present one's.
constexpr double kBetterHand = 0.95;

// The body with poorly fitted hands replaced by better ones; none if none is better.
//
// Each hand is solved alone: its elbow, wrist and fingers are free, and only keypoints that the elbow moves
// are visible. It starts in its mean pose, turned about the forearm by kTurns angles, with the forearm as it
// is and mirrored in depth (fit/start/depth_flips.h); the solution of least energy is taken.
std::optional<Variables> WithBetterHands(const Stage& stage,
                                         const Scene& scene,
                                         const State& state,
                                         const Interrupted& interrupted);

}  // namespace smplceres
