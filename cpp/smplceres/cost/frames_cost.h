// A term on the same points at several frames, as a Ceres cost function over [frame, frame, ..., betas].
//
// The term's points are those of the first frame, then those of the second, and so on. The two ways to the
// Jacobian are those of points_cost.h.
#pragma once

#include <memory>
#include <vector>

#include "ceres/cost_function.h"
#include "smplceres/body/skinned_points.h"
#include "smplceres/terms/point_term.h"

namespace smplceres {

struct PointsOverFrames {
  std::shared_ptr<const BodyModel> model;
  std::shared_ptr<const SkinnedPoints> points;
  std::vector<Eigen::Matrix3d> root_anchors;  // of each frame's Variables
  std::unique_ptr<const PointTerm> term;
};

std::unique_ptr<ceres::CostFunction> MakeFramesCost(std::shared_ptr<const PointsOverFrames> over_frames);
std::unique_ptr<ceres::CostFunction> MakeAutoDiffFramesCost(
    std::shared_ptr<const PointsOverFrames> over_frames);

}  // namespace smplceres
