// A pooled term (terms/pooled_term.h) as a Ceres cost function over [frame, betas].
//
// Points are evaluated without derivatives first; those that count, often none, get theirs after. The two
// ways to the Jacobian are those of points_cost.h.
#pragma once

#include <memory>

#include "ceres/cost_function.h"
#include "smplceres/body/skinned_points.h"
#include "smplceres/terms/pooled_term.h"

namespace smplceres {

struct PooledPoints {
  std::shared_ptr<const BodyModel> model;
  std::shared_ptr<const SkinnedPoints> points;
  std::unique_ptr<const PooledTerm> term;
  bool shape;                   // false: betas are constants, their derivative is 0
  Eigen::Matrix3d root_anchor;  // of Variables
};

std::unique_ptr<ceres::CostFunction> MakePooledCost(std::shared_ptr<const PooledPoints> pooled);
std::unique_ptr<ceres::CostFunction> MakeAutoDiffPooledCost(std::shared_ptr<const PooledPoints> pooled);

}  // namespace smplceres
