// A Ceres cost function over [frame, ..., betas, zooms, motions] of point terms, either in all views of one
// frame or at several frames.
//
// Points that several views share are evaluated once. There are two methods for the Jacobian:
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

// A term of points seen by a camera, or of 3D points. With several frames, the term's points are those of the
// first frame, then those of the second, and so on.
struct PointGroup {
  std::shared_ptr<const SkinnedPoints> points;
  std::shared_ptr<const PointTerm> term;
  // All points, visible or not, must stay in front of the camera, or the evaluation fails. Each group with a
  // camera has a zoom block, in the order of groups, and a motion block if the camera's pose is unknown.
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
