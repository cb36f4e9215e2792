// Builds the terms of a stage on a scene as Ceres cost functions.
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
  std::vector<int> blocks;  // indices of Variables' blocks
  std::vector<int> rows;    // row counts: per view with keypoints for terms of images, else one number
};

// The keypoints of a view that have rows, with their factors w_k c_k > 0. If fewer than three visible
// keypoints have roles of positive weight, all w_k are 1.
std::vector<std::pair<int, double>> WeightedKeypoints(const ReprojectionOptions& options, const View& view);

// Residual units per pixel, for a view with `pixels_per_metre` at the body's depth.
double UnitOf(const ReprojectionOptions& options, double pixels_per_metre);

// Cost functions of every term with non-zero weight whose observations are present. They use the
// root's anchor of state.variables; the scene must outlive them. Throws std::invalid_argument
// for options out of range.
std::vector<TermCost> MakeTermCosts(const Stage& stage, const Scene& scene, const State& state);

}  // namespace smplceres
