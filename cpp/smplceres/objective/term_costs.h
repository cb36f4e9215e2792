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
  std::string name;
  std::unique_ptr<ceres::CostFunction> cost;
  std::vector<int> blocks;  // numbers of Variables' blocks
  std::vector<int> rows;    // of each view that sees, or one number
};

// Keypoints of a view that have rows, and what multiplies those: w_k c_k > 0. A stage that looks at some
// kinds of keypoints alone (the torso) looks at all of them where fewer than three of those are seen.
std::vector<std::pair<int, double>> WeightedKeypoints(const ReprojectionOptions& options, const View& view);

// Residual units per pixel of a view whose picture has so many pixels per metre at the body's depth.
double UnitOf(const ReprojectionOptions& options, double pixels_per_metre);

// Whether a stage lets the zoom of a view move: a scale that is not known, or a focal length where the stage
// frees it.
bool FreesZoom(const Stage& stage, const Camera& camera);

// Whether a stage lets a view's camera move.
bool FreesMotion(const Stage& stage, const Camera& camera);

// Terms that weigh something and have something to speak of. The root's anchor is taken from `variables`;
// priors and scene must outlive the costs. Throws std::invalid_argument for options out of range.
std::vector<TermCost> MakeTermCosts(const Stage& stage, const Scene& scene, const State& state);

}  // namespace smplceres
