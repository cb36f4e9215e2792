#include "smplceres/cost/points_cost.h"

#include <algorithm>
#include <utility>

#include "ceres/dynamic_autodiff_cost_function.h"
#include "smplceres/cost/evaluate_points.h"
#include "smplceres/cost/supported_cost.h"

namespace smplceres {
namespace {

template <typename T>
bool AllInFront(const PointGroup& group, const T* points) {
  if (!group.camera) return true;
  return std::visit(
      [&](const auto& camera) {
        for (int i = 0; i < group.points->size(); ++i)
          if (!camera.InFront(points + 3 * i)) return false;
        return true;
      },
      *group.camera);
}

int NumRows(const PointTerm& term) { return term.num_functors() * term.num_residuals(); }

// Points in space have no camera and their terms no use for its zoom.
constexpr double kNoZoom = 0.0;

class PointsCost final : public SupportedCost {
 public:
  explicit PointsCost(std::shared_ptr<const FramePoints> frame_points)
      : frame_points_(std::move(frame_points)), layout_(frame_points_->model->num_joints()) {
    int zooms = 0, motions = 0;
    for (const PointGroup& group : frame_points_->groups) {
      const auto same = [&](const Set& set) { return set.points == group.points.get(); };
      const auto found = std::find_if(sets_.begin(), sets_.end(), same);
      set_of_group_.push_back(static_cast<size_t>(found - sets_.begin()));
      if (found == sets_.end())
        sets_.push_back({group.points.get(),
                         std::vector<double>(static_cast<size_t>(3 * group.points->size())),
                         group.points->MakeJacobian()});
      zoom_of_group_.push_back(group.camera ? zooms++ : -1);
      motion_of_group_.push_back(group.moves() ? motions++ : -1);
    }
    first_motion_ = kFirstZoom + zooms;
    set_num_residuals(frame_points_->num_residuals());
    *mutable_parameter_block_sizes() = {layout_.size(), frame_points_->model->num_betas()};
    mutable_parameter_block_sizes()->resize(static_cast<size_t>(first_motion_), 1);
    mutable_parameter_block_sizes()->resize(static_cast<size_t>(first_motion_ + motions), kMotionSize);
  }

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    ComputePoints(parameters[kFrame], parameters[kBetas], jacobians);
    if (jacobians != nullptr)
      for (size_t block = kFirstZoom; block < parameter_block_sizes().size(); ++block)
        if (jacobians[block] != nullptr)
          std::fill_n(jacobians[block], num_residuals() * parameter_block_sizes()[block], 0.0);
    int row = 0;
    for (size_t g = 0; g < set_of_group_.size(); ++g) {
      const PointGroup& group = frame_points_->groups[g];
      const Set& set = sets_[set_of_group_[g]];
      const int zoom = zoom_of_group_[g], motion = motion_of_group_[g];
      const double* points = set.coordinates.data();
      if (motion >= 0) points = MovePoints(group, set, parameters[first_motion_ + motion]);
      if (!AllInFront(group, points)) return false;
      const double* log_zoom = zoom < 0 ? &kNoZoom : parameters[kFirstZoom + zoom];
      double* by_zoom = zoom < 0 || jacobians == nullptr ? nullptr : jacobians[kFirstZoom + zoom];
      moved_by_ = motion < 0 || jacobians == nullptr ? Motion{}
                                                     : Motion{&Extrinsics(*group.camera),
                                                              parameters[first_motion_ + motion],
                                                              jacobians[first_motion_ + motion]};
      const bool evaluated =
          jacobians == nullptr
              ? group.term->Evaluate(points, log_zoom, residuals + row)
              : Chain(*group.term, set, points, log_zoom, row, residuals, jacobians, by_zoom);
      if (!evaluated) return false;
      row += NumRows(*group.term);
    }
    return true;
  }

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
        for (const int j : joints)
          for (int axis = 0; axis < 3; ++axis) supports.back().columns.push_back(layout_.joint(j) + axis);
        for (int axis = 0; axis < 3; ++axis) supports.back().columns.push_back(layout_.transl() + axis);
      }
    }
    return supports;
  }

 private:
  // Points that several groups may share, where they are and how they move.
  struct Set {
    const SkinnedPoints* points;
    std::vector<double> coordinates;
    SkinnedPoints::Jacobian jacobian;
  };

  // Of a group's camera: where it was said to be, its motion, and the Jacobian by that, or null.
  struct Motion {
    const CamFromWorld* given = nullptr;
    const double* motion = nullptr;
    double* jacobian = nullptr;
  };

  // The points where the camera as given would have to see them.
  const double* MovePoints(const PointGroup& group, const Set& set, const double* motion) const {
    const CamFromWorld& given = Extrinsics(*group.camera);
    moved_.resize(set.coordinates.size());
    for (size_t i = 0; i < moved_.size(); i += 3)
      Eigen::Map<Eigen::Vector3d>(moved_.data() + i) = SeenAt(given, motion, set.coordinates.data() + i);
    return moved_.data();
  }

  void ComputePoints(const double* frame, const double* betas, double** jacobians) const {
    FrameKinematics& of_frame = *frame_points_->kinematics;
    const Kinematics<double>& kinematics = of_frame.At(frame, betas);
    if (jacobians == nullptr) {
      for (Set& set : sets_) set.points->Evaluate(kinematics, betas, set.coordinates.data());
      return;
    }
    const bool with_betas = jacobians[kBetas] != nullptr;
    const KinematicsJacobian& derivative = of_frame.JacobianAt(frame, betas, with_betas);
    for (Set& set : sets_)
      set.points->Evaluate(kinematics, derivative, betas, with_betas, set.coordinates.data(), &set.jacobian);
  }

  // dr/dx = sum over a functor's points of dr/dp dp/dx, row by row into Ceres' row-major blocks.
  bool Chain(const PointTerm& term,
             const Set& set,
             const double* coordinates,
             const double* log_zoom,
             int row,
             double* residuals,
             double** jacobians,
             double* by_zoom) const {
    const int rows = term.num_residuals(), points = term.num_points();
    by_point_.resize(rows, 3 * points);
    by_camera_.resize(rows);
    for (int f = 0; f < term.num_functors(); ++f, row += rows) {
      if (!term.Linearize(f, coordinates, log_zoom, residuals + row, by_point_.data(), by_camera_.data()))
        return false;
      if (moved_by_.given != nullptr) ChainMotion(set, term.points_of(f), points, row);
      if (jacobians[kFrame] != nullptr) ChainFrame(set, term.points_of(f), points, row, jacobians[kFrame]);
      if (jacobians[kBetas] != nullptr) ChainBetas(set, term.points_of(f), points, row, jacobians[kBetas]);
      if (by_zoom != nullptr)
        for (int i = 0; i < rows; ++i) by_zoom[row + i] = by_camera_[i];
    }
    return true;
  }

  // by_point_, of p', becomes that of p.
  void ChainMotion(const Set& set, const int* numbers, int num_points, int row) const {
    const auto& [given, motion, jacobian] = moved_by_;
    if (jacobian != nullptr) {
      Eigen::Map<RowMatrix> block(jacobian + row * kMotionSize, by_point_.rows(), kMotionSize);
      for (int i = 0; i < num_points; ++i)
        block += by_point_.middleCols<3>(3 * i).lazyProduct(
            SeenByMotion(*given, motion, set.coordinates.data() + 3 * numbers[i]));
    }
    const Eigen::Matrix3d turn = SeenByPoint(*given, motion);
    for (int i = 0; i < num_points; ++i)
      by_point_.middleCols<3>(3 * i) = (by_point_.middleCols<3>(3 * i) * turn).eval();
  }

  void ChainFrame(const Set& set, const int* numbers, int num_points, int row, double* jacobian) const {
    Eigen::Map<RowMatrix> block(jacobian + row * layout_.size(), by_point_.rows(), layout_.size());
    block.setZero();
    for (int i = 0; i < num_points; ++i) {
      const int point = numbers[i];
      const auto by_point = by_point_.middleCols<3>(3 * i);
      const auto of_point = set.jacobian.pose.middleRows<3>(3 * point);
      for (const int j : set.points->moving_joints(point))
        block.middleCols<3>(layout_.joint(j)) += by_point.lazyProduct(of_point.middleCols<3>(3 * j));
      block.middleCols<3>(layout_.transl()) += set.points->translation_weight(point) * by_point;
    }
  }

  void ChainBetas(const Set& set, const int* numbers, int num_points, int row, double* jacobian) const {
    const int B = frame_points_->model->num_betas();
    Eigen::Map<RowMatrix> block(jacobian + row * B, by_point_.rows(), B);
    block.setZero();
    for (int i = 0; i < num_points; ++i)
      block += by_point_.middleCols<3>(3 * i).lazyProduct(set.jacobian.betas.middleRows<3>(3 * numbers[i]));
  }

  std::shared_ptr<const FramePoints> frame_points_;
  FrameLayout layout_;
  std::vector<size_t> set_of_group_;
  std::vector<int> zoom_of_group_, motion_of_group_;  // -1: none
  int first_motion_ = 0;
  // Scratch space: Ceres never evaluates one cost function twice at once.
  mutable std::vector<Set> sets_;
  mutable RowMatrix by_point_;
  mutable Eigen::VectorXd by_camera_;
  mutable std::vector<double> moved_;
  mutable Motion moved_by_;
};

struct WholeBodyFunctor {
  template <typename T>
  bool operator()(T const* const* parameters, T* residuals) const {
    const T no_zoom(kNoZoom);
    int zoom = kFirstZoom, motion = kFirstZoom + frame_points->num_zooms();
    for (const PointGroup& group : frame_points->groups) {
      Kinematics<T> kinematics;
      std::vector<T> points(static_cast<size_t>(3 * group.points->size()));
      EvaluatePoints(*frame_points->model,
                     *group.points,
                     frame_points->kinematics->root_anchor(),
                     parameters[kFrame],
                     parameters[kBetas],
                     &kinematics,
                     points.data());
      if (group.moves()) {
        for (size_t i = 0; i < points.size(); i += 3)
          Eigen::Map<Eigen::Matrix<T, 3, 1>>(points.data() + i) =
              SeenAt(Extrinsics(*group.camera), parameters[motion], points.data() + i);
        ++motion;
      }
      if (!AllInFront(group, points.data())) return false;
      if (!group.term->Evaluate(points.data(), group.camera ? parameters[zoom++] : &no_zoom, residuals))
        return false;
      residuals += NumRows(*group.term);
    }
    return true;
  }

  std::shared_ptr<const FramePoints> frame_points;
};

}  // namespace

int FramePoints::num_residuals() const {
  int rows = 0;
  for (const PointGroup& group : groups) rows += NumRows(*group.term);
  return rows;
}

int FramePoints::num_zooms() const {
  return static_cast<int>(std::count_if(
      groups.begin(), groups.end(), [](const auto& group) { return group.camera.has_value(); }));
}

int FramePoints::num_motions() const {
  return static_cast<int>(
      std::count_if(groups.begin(), groups.end(), [](const auto& group) { return group.moves(); }));
}

std::unique_ptr<ceres::CostFunction> MakePointsCost(std::shared_ptr<const FramePoints> frame_points) {
  return std::make_unique<PointsCost>(std::move(frame_points));
}

std::unique_ptr<ceres::CostFunction> MakeAutoDiffPointsCost(std::shared_ptr<const FramePoints> frame_points) {
  const FrameLayout layout(frame_points->model->num_joints());
  auto cost = std::make_unique<ceres::DynamicAutoDiffCostFunction<WholeBodyFunctor, kWholeBodyStride>>(
      new WholeBodyFunctor{frame_points});
  cost->AddParameterBlock(layout.size());
  cost->AddParameterBlock(frame_points->model->num_betas());
  for (int i = 0; i < frame_points->num_zooms(); ++i) cost->AddParameterBlock(1);
  for (int i = 0; i < frame_points->num_motions(); ++i) cost->AddParameterBlock(kMotionSize);
  cost->SetNumResiduals(frame_points->num_residuals());
  return cost;
}

}  // namespace smplceres
