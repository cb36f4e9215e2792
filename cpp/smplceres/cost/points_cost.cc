#include "smplceres/cost/points_cost.h"

#include <algorithm>
#include <utility>

#include "smplceres/cost/point_chain.h"
#include "smplceres/cost/point_groups.h"
#include "smplceres/cost/supported_cost.h"

namespace smplceres {
namespace {

bool Drives(const Slice& slice, int joint) {
  const int first = slice.components->first_joint;
  return joint >= first && joint < first + slice.components->num_joints();
}

class PointsCost final : public SupportedCost {
 public:
  explicit PointsCost(std::shared_ptr<const FramePoints> frame_points)
      : frame_points_(std::move(frame_points)),
        at_(*frame_points_),
        layout_(frame_points_->model().layout()),
        chain_(frame_points_->model()),
        coordinates_(at_.num_coordinates) {
    for (const auto& set : at_.sets) {
      std::vector<SkinnedPoints::Jacobian>& of_frames = jacobians_.emplace_back();
      for (size_t frame = 0; frame < at_.num_frames; ++frame) of_frames.push_back(set->MakeJacobian());
      used_.emplace_back(static_cast<size_t>(set->size()), false);
      of_point_.push_back(set->MakeJacobian(1));
    }
    for (size_t g = 0; g < at_.groups.size(); ++g) {
      const PointTerm& term = *frame_points_->groups[g].term;
      std::vector<bool>& used = used_[at_.groups[g].set];
      for (int f = 0; f < term.num_functors(); ++f)
        for (int i = 0; i < term.num_points(); ++i)
          used[static_cast<size_t>(term.points_of(f)[i]) % used.size()] = true;
    }
    set_num_residuals(frame_points_->num_residuals());
    *mutable_parameter_block_sizes() = at_.block_sizes;
  }

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    ComputePoints(parameters, jacobians);
    if (jacobians == nullptr)
      return EvaluateResiduals(
          *frame_points_, at_, coordinates_.data(), parameters, &moved_points_, residuals);
    for (size_t block = at_.num_frames + 1; block < at_.block_sizes.size(); ++block)
      if (jacobians[block] != nullptr)
        std::fill_n(jacobians[block], num_residuals() * at_.block_sizes[block], 0.0);
    int row = 0;
    for (size_t g = 0; g < at_.groups.size(); ++g) {
      if (!Chain(g, parameters, row, residuals, jacobians)) return false;
      row += NumRows(*frame_points_->groups[g].term);
    }
    return true;
  }

  // For costs over a single frame.
  std::vector<RowSupport> Supports() const override {
    std::vector<RowSupport> supports;
    int row = 0;
    for (const PointGroup& group : frame_points_->groups) {
      const PointTerm& term = *group.term;
      for (int f = 0; f < term.num_functors(); ++f, row += term.num_residuals()) {
        std::vector<int> joints;
        for (int i = 0; i < term.num_points(); ++i) {
          const std::vector<int>& moving = group.points->moving_joints(term.points_of(f)[i]);
          joints.insert(joints.end(), moving.begin(), moving.end());
        }
        std::sort(joints.begin(), joints.end());
        joints.erase(std::unique(joints.begin(), joints.end()), joints.end());
        supports.push_back({row, term.num_residuals(), {}});
        std::vector<int>& columns = supports.back().columns;
        const auto add = [&](int begin, int size) {
          for (int i = 0; i < size; ++i) columns.push_back(begin + i);
        };
        for (const int j : joints)
          if (j < layout_.num_free_joints()) add(layout_.joint(j), 3);
        add(layout_.transl(), 3);
        for (const Slice& slice : layout_.driven())
          if (std::any_of(joints.begin(), joints.end(), [&](int j) { return Drives(slice, j); }))
            add(slice.begin, slice.size);
        add(layout_.coefficients(), layout_.num_coefficients());
      }
    }
    return supports;
  }

 private:
  // A group's camera: the given pose, its motion, and the Jacobian with respect to the motion, or null.
  struct Motion {
    const CamFromWorld& given;
    const double* motion;
    double* jacobian;
  };

  void ComputePoints(double const* const* parameters, double** jacobians) const {
    const double* betas = parameters[at_.betas];
    for (size_t frame = 0; frame < at_.num_frames; ++frame) {
      FrameKinematics& of_frame = *frame_points_->frames[frame];
      const bool with_shape =
          jacobians != nullptr && chain_.NeedsShape(jacobians[frame], jacobians[at_.betas]);
      const Kinematics<double>& kinematics = of_frame.At(parameters[frame], betas);
      const KinematicsJacobian* derivative =
          jacobians == nullptr ? nullptr : &of_frame.JacobianAt(parameters[frame], betas, with_shape);
      for (size_t s = 0; s < at_.sets.size(); ++s) {
        const SkinnedPoints& set = *at_.sets[s];
        double* points = coordinates_.data() + at_.begin[s] + frame * 3 * static_cast<size_t>(set.size());
        if (derivative == nullptr) {
          set.Evaluate(kinematics, of_frame.shape(), points);
        } else {
          Linearize(s, kinematics, *derivative, of_frame.shape(), with_shape, points, &jacobians_[s][frame]);
        }
      }
    }
  }

  // Evaluates a set with the Jacobian of its points; of those that the terms use alone if these are few, such
  // as a body's among the keypoints of a whole body.
  void Linearize(size_t s,
                 const Kinematics<double>& kinematics,
                 const KinematicsJacobian& derivative,
                 const double* shape,
                 bool with_shape,
                 double* points,
                 SkinnedPoints::Jacobian* jacobian) const {
    const SkinnedPoints& set = *at_.sets[s];
    if (2 * std::count(used_[s].begin(), used_[s].end(), true) > set.size())
      return set.Evaluate(kinematics, derivative, shape, with_shape, points, jacobian);
    SkinnedPoints::Jacobian& of_point = of_point_[s];
    set.Evaluate(kinematics, shape, points);
    for (int i = 0; i < set.size(); ++i) {
      if (!used_[s][static_cast<size_t>(i)]) continue;
      set.EvaluateOne(i, kinematics, derivative, shape, with_shape, points + 3 * i, &of_point);
      for (const int j : set.moving_joints(i))
        jacobian->pose.block<3, 3>(3 * i, 3 * j) = of_point.pose.middleCols<3>(3 * j);
      jacobian->shape.middleRows<3>(3 * i) = of_point.shape;
    }
  }

  // Evaluates residuals and Jacobian of a group, starting at a row.
  bool Chain(
      size_t g, double const* const* parameters, int row, double* residuals, double** jacobians) const {
    const PointGroup& group = frame_points_->groups[g];
    const auto& [set, zoom, motion] = at_.groups[g];
    const double* points = coordinates_.data() + at_.begin[set];
    const size_t num_points = at_.num_frames * static_cast<size_t>(group.points->size());
    if (motion != kNone) points = MovePoints(group, points, num_points, parameters[motion], &moved_points_);
    if (!AllInFront(group, points, num_points)) return false;

    const PointTerm& term = *group.term;
    const double* log_zoom = zoom == kNone ? &kNoZoom : parameters[zoom];
    double* by_zoom = zoom == kNone ? nullptr : jacobians[zoom];
    const int rows = term.num_residuals();
    by_point_.resize(rows, 3 * term.num_points());
    by_camera_.resize(rows);
    for (int f = 0; f < term.num_functors(); ++f, row += rows) {
      if (!term.Linearize(f, points, log_zoom, residuals + row, by_point_.data(), by_camera_.data()))
        return false;
      if (motion != kNone)
        ChainMotion({Extrinsics(*group.camera), parameters[motion], jacobians[motion]},
                    coordinates_.data() + at_.begin[set],
                    term.points_of(f),
                    term.num_points(),
                    row);
      ChainBody(*group.points, jacobians_[set], term.points_of(f), term.num_points(), row, jacobians);
      if (by_zoom != nullptr)
        for (int i = 0; i < rows; ++i) by_zoom[row + i] = by_camera_[i];
    }
    return true;
  }

  // Converts by_point_ from p' to p.
  void ChainMotion(
      const Motion& moved_by, const double* points, const int* numbers, int num_points, int row) const {
    const auto& [given, motion, jacobian] = moved_by;
    if (jacobian != nullptr) {
      Eigen::Map<RowMatrix> block(jacobian + row * kMotionSize, by_point_.rows(), kMotionSize);
      for (int i = 0; i < num_points; ++i)
        block += by_point_.middleCols<3>(3 * i).lazyProduct(
            EquivalentByMotion(given, motion, points + 3 * numbers[i]));
    }
    const Eigen::Matrix3d turn = EquivalentByPoint(given, motion);
    for (int i = 0; i < num_points; ++i)
      by_point_.middleCols<3>(3 * i) = (by_point_.middleCols<3>(3 * i) * turn).eval();
  }

  // of_frames: the Jacobian of the points at each frame.
  void ChainBody(const SkinnedPoints& points,
                 const std::vector<SkinnedPoints::Jacobian>& of_frames,
                 const int* numbers,
                 int num_points,
                 int row,
                 double** jacobians) const {
    const int rows = static_cast<int>(by_point_.rows());
    double* betas = jacobians[at_.betas];
    for (size_t frame = 0; frame < at_.num_frames; ++frame)
      chain_.SetZero(rows, chain_.FromRow(row, jacobians[frame], frame == 0 ? betas : nullptr));
    for (int i = 0; i < num_points; ++i) {
      const int frame = at_.num_frames == 1 ? 0 : numbers[i] / points.size();
      chain_.Add(by_point_,
                 i,
                 points,
                 of_frames[static_cast<size_t>(frame)],
                 numbers[i] - frame * points.size(),
                 chain_.FromRow(row, jacobians[frame], betas));
    }
  }

  std::shared_ptr<const FramePoints> frame_points_;
  Arrangement at_;
  FrameLayout layout_;
  PointChain chain_;
  // Scratch space. Ceres never evaluates a cost function concurrently with itself.
  mutable std::vector<double> coordinates_;
  mutable std::vector<std::vector<SkinnedPoints::Jacobian>> jacobians_;  // of each set at each frame
  std::vector<std::vector<bool>> used_;                                  // points of each set, by a term
  mutable std::vector<SkinnedPoints::Jacobian> of_point_;                // of one point of each set
  mutable RowMatrix by_point_;
  mutable Eigen::VectorXd by_camera_;
  mutable std::vector<double> moved_points_;
};

}  // namespace

int FramePoints::num_residuals() const {
  int rows = 0;
  for (const PointGroup& group : groups) rows += NumRows(*group.term);
  return rows;
}

std::unique_ptr<ceres::CostFunction> MakePointsCost(std::shared_ptr<const FramePoints> frame_points) {
  return std::make_unique<PointsCost>(std::move(frame_points));
}

}  // namespace smplceres
