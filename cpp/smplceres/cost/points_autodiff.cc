// Apart from points_cost.cc, so that the compiler inlines the products of Jets.
#include "smplceres/cost/point_groups.h"
#include "smplceres/cost/points_cost.h"
#include "smplceres/cost/whole_body.h"

namespace smplceres {
namespace {

struct ResidualsOfGroups {
  template <typename T>
  bool operator()(const T* points, T const* const* parameters, T* residuals) const {
    std::vector<T> moved;
    return EvaluateResiduals(*frame_points, at, points, parameters, &moved, residuals);
  }

  std::shared_ptr<const FramePoints> frame_points;
  Arrangement at;
};

}  // namespace

std::unique_ptr<ceres::CostFunction> MakeAutoDiffPointsCost(std::shared_ptr<const FramePoints> frame_points) {
  const Arrangement at(*frame_points);
  const int rows = frame_points->num_residuals();
  return MakeWholeBodyCost<ResidualsOfGroups>(
      {frame_points->frames, at.sets, true, {frame_points, at}}, at.block_sizes, rows);
}

}  // namespace smplceres
