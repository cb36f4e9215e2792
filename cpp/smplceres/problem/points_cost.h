// All data terms of a frame as one Ceres cost function over [frame, betas, camera].
//
// The skinned points are evaluated once for all terms. Two ways to the Jacobian:
//   PointsCost     dr/dx = dr/dp dp/dx, dr/dp by Jets over a functor's few scalars, dp/dx by SkinnedPoints;
//   autodiff       Jets all the way through the kinematics (ceres::DynamicAutoDiffCostFunction), the
//                  reference that the fast way must equal.
#pragma once

#include <memory>
#include <vector>

#include "ceres/cost_function.h"
#include "smplceres/body/skinned_points.h"
#include "smplceres/camera/camera.h"
#include "smplceres/problem/variables.h"
#include "smplceres/terms/point_term.h"

namespace smplceres {

using PointTerms = std::vector<std::unique_ptr<const PointTerm>>;

struct FramePoints {
  std::shared_ptr<const BodyModel> model;
  std::shared_ptr<const SkinnedPoints> points;
  PointTerms terms;
  Camera camera;                // all points, seen or not, must stay in front of it: there is no state behind
  Eigen::Matrix3d root_anchor;  // of Variables

  int num_residuals() const;
};

std::unique_ptr<ceres::CostFunction> MakePointsCost(std::shared_ptr<const FramePoints> frame_points);
std::unique_ptr<ceres::CostFunction> MakeAutoDiffPointsCost(std::shared_ptr<const FramePoints> frame_points);

}  // namespace smplceres
