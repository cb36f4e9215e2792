// A pooled term (terms/pooled_term.h) as a Ceres cost function over [frame, betas].
//
// Points of limbs that are far from all others, often all limbs, are not evaluated, and only non-zero
// gradients are pulled back to the variables. The two methods for the Jacobian are those of points_cost.h.
#pragma once

#include <memory>

#include "ceres/cost_function.h"
#include "smplceres/body/skinned_points.h"
#include "smplceres/cost/frame_kinematics.h"
#include "smplceres/terms/pooled_term.h"

namespace smplceres {

struct PooledPoints {
  std::shared_ptr<const SkinnedPoints> points;  // each carried by one joint
  std::unique_ptr<const PooledTerm> term;
  bool shape;  // whether to differentiate with respect to the coefficients of shape directions
  std::shared_ptr<FrameKinematics> kinematics;

  const BodyModel& model() const { return kinematics->model(); }
};

std::unique_ptr<ceres::CostFunction> MakePooledCost(std::shared_ptr<const PooledPoints> pooled);
std::unique_ptr<ceres::CostFunction> MakeAutoDiffPooledCost(std::shared_ptr<const PooledPoints> pooled);

}  // namespace smplceres
