// A stage's terms on an observation, as Ceres cost functions.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ceres/cost_function.h"
#include "smplceres/evidence/scene.h"
#include "smplceres/objective/stage.h"
#include "smplceres/objective/state.h"

namespace smplceres {

struct TermCost {
  const TermInfo* term;
  std::unique_ptr<ceres::CostFunction> cost;
  std::vector<int> blocks;  // numbers of Variables' blocks
  std::vector<int> rows;    // of each view that sees, or one number
};

// Keypoints of a view that have rows, and what multiplies those: w_k c_k > 0. A stage that looks at some
// kinds of keypoints alone (the torso) looks at all of them where fewer than three of those are seen.
std::vector<std::pair<int, double>> WeightedKeypoints(const ReprojectionOptions& options, const View& view);

// Residual units per pixel of a view whose picture has so many pixels per metre at the body's depth.
double UnitOf(const ReprojectionOptions& options, double pixels_per_metre);

// The cost functions of every term with non-zero weight whose observations are present. The root's anchor is
// that of the state's variables; the scene must outlive the costs. Throws std::invalid_argument for options
// out of range.
std::vector<TermCost> MakeTermCosts(const Stage& stage, const Scene& scene, const State& state);

}  // namespace smplceres
