// Terms of points at one frame, in all its views, or at several frames, as one Ceres cost function over
// [frame, ..., betas, zooms, motions].
//
// Points that several views share are evaluated once. Two ways to the Jacobian:
//   PointsCost     dr/dx = dr/dp dp/dx, dr/dp by Jets over a functor's few scalars, dp/dx by SkinnedPoints
//                  (cost/point_chain.h);
//   autodiff       Jets all the way through the kinematics (cost/whole_body.h).
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "ceres/cost_function.h"
#include "smplceres/body/skinned_points.h"
#include "smplceres/camera/camera.h"
#include "smplceres/cost/frame_kinematics.h"
#include "smplceres/terms/point_term.h"

namespace smplceres {

// A term on points that a camera sees, or on points in space. Of several frames the term's points are those
// of the first, then those of the second, and so on.
struct PointGroup {
  std::shared_ptr<const SkinnedPoints> points;
  std::shared_ptr<const PointTerm> term;
  // All points, seen or not, must stay in front of it: there is no state behind. A group with a camera has a
  // zoom block of its own, in the order of groups, and where its pose is unknown a motion block.
  std::optional<Camera> camera;

  bool moves() const { return camera && PoseIsUnknown(*camera); }
};

struct FramePoints {
  std::vector<std::shared_ptr<FrameKinematics>> frames;
  std::vector<PointGroup> groups;

  const BodyModel& model() const { return frames[0]->model(); }
  int num_residuals() const;
};

std::unique_ptr<ceres::CostFunction> MakePointsCost(std::shared_ptr<const FramePoints> frame_points);
std::unique_ptr<ceres::CostFunction> MakeAutoDiffPointsCost(std::shared_ptr<const FramePoints> frame_points);

}  // namespace smplceres
