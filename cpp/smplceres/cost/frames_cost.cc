#include "smplceres/cost/frames_cost.h"

#include <algorithm>
#include <utility>

#include "ceres/dynamic_autodiff_cost_function.h"
#include "smplceres/cost/evaluate_points.h"

namespace smplceres {
namespace {

// The terms here look at no picture.
constexpr double kNoZoom = 0.0;

class FramesCost final : public ceres::CostFunction {
 public:
  explicit FramesCost(std::shared_ptr<const PointsOverFrames> over_frames)
      : over_frames_(std::move(over_frames)),
        layout_(over_frames_->model->num_joints()),
        num_frames_(static_cast<int>(over_frames_->root_anchors.size())),
        coordinates_(static_cast<size_t>(num_frames_ * 3 * over_frames_->points->size())),
        jacobians_(static_cast<size_t>(num_frames_), over_frames_->points->MakeJacobian()) {
    const PointTerm& term = *over_frames_->term;
    set_num_residuals(term.num_functors() * term.num_residuals());
    mutable_parameter_block_sizes()->assign(static_cast<size_t>(num_frames_), layout_.size());
    mutable_parameter_block_sizes()->push_back(over_frames_->model->num_betas());
  }

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    const double* betas = parameters[num_frames_];
    for (int frame = 0; frame < num_frames_; ++frame)
      ComputePoints(frame, parameters[frame], betas, jacobians);
    const PointTerm& term = *over_frames_->term;
    if (jacobians == nullptr) return term.Evaluate(coordinates_.data(), &kNoZoom, residuals);

    for (int block = 0; block <= num_frames_; ++block)
      if (jacobians[block] != nullptr)
        std::fill_n(
            jacobians[block], num_residuals() * parameter_block_sizes()[static_cast<size_t>(block)], 0.0);
    const int rows = term.num_residuals();
    by_point_.resize(rows, 3 * term.num_points());
    by_camera_.resize(rows);
    for (int f = 0; f < term.num_functors(); ++f) {
      if (!term.Linearize(
              f, coordinates_.data(), &kNoZoom, residuals + f * rows, by_point_.data(), by_camera_.data()))
        return false;
      for (int i = 0; i < term.num_points(); ++i) Chain(term.points_of(f)[i], i, f * rows, jacobians);
    }
    return true;
  }

 private:
  void ComputePoints(int frame, const double* variables, const double* betas, double** jacobians) const {
    const BodyModel& model = *over_frames_->model;
    const SkinnedPoints& points = *over_frames_->points;
    double* coordinates = coordinates_.data() + frame * 3 * points.size();
    const Eigen::Map<const Eigen::Vector3d> w(variables + layout_.root());
    kinematics_.Compute(model,
                        Exp(w) * over_frames_->root_anchors[static_cast<size_t>(frame)],
                        variables + layout_.body_pose(),
                        betas,
                        variables + layout_.transl());
    if (jacobians == nullptr) {
      points.Evaluate(kinematics_, betas, coordinates);
      return;
    }
    const bool with_betas = jacobians[num_frames_] != nullptr;
    derivative_.Compute(model, kinematics_, LeftJacobian(w), variables + layout_.body_pose(), with_betas);
    points.Evaluate(
        kinematics_, derivative_, betas, with_betas, coordinates, &jacobians_[static_cast<size_t>(frame)]);
  }

  // Adds dr/dp dp/dx of a functor's i-th point, which is the term's point `number`, to rows from `row` on.
  void Chain(int number, int i, int row, double** jacobians) const {
    const SkinnedPoints& points = *over_frames_->points;
    const int frame = number / points.size(), point = number % points.size();
    const SkinnedPoints::Jacobian& of_points = jacobians_[static_cast<size_t>(frame)];
    const auto by_point = by_point_.middleCols<3>(3 * i);
    const Eigen::Index rows = by_point_.rows();
    if (jacobians[frame] != nullptr) {
      Eigen::Map<RowMatrix> block(jacobians[frame] + row * layout_.size(), rows, layout_.size());
      const auto of_point = of_points.pose.middleRows<3>(3 * point);
      for (const int j : points.moving_joints(point))
        block.middleCols<3>(layout_.joint(j)) += by_point.lazyProduct(of_point.middleCols<3>(3 * j));
      block.middleCols<3>(layout_.transl()) += points.translation_weight(point) * by_point;
    }
    if (double* betas = jacobians[num_frames_]; betas != nullptr) {
      const int B = over_frames_->model->num_betas();
      Eigen::Map<RowMatrix> block(betas + row * B, rows, B);
      block += by_point.lazyProduct(of_points.betas.middleRows<3>(3 * point));
    }
  }

  std::shared_ptr<const PointsOverFrames> over_frames_;
  FrameLayout layout_;
  int num_frames_;
  // Scratch space: Ceres never evaluates one cost function twice at once.
  mutable Kinematics<double> kinematics_;
  mutable KinematicsJacobian derivative_;
  mutable std::vector<double> coordinates_;
  mutable std::vector<SkinnedPoints::Jacobian> jacobians_;  // of each frame
  mutable RowMatrix by_point_;
  mutable Eigen::VectorXd by_camera_;
};

struct WholeBodyFunctor {
  template <typename T>
  bool operator()(T const* const* parameters, T* residuals) const {
    const size_t frames = over_frames->root_anchors.size();
    const size_t size = static_cast<size_t>(3 * over_frames->points->size());
    Kinematics<T> kinematics;
    std::vector<T> points(frames * size);
    for (size_t frame = 0; frame < frames; ++frame)
      EvaluatePoints(*over_frames->model,
                     *over_frames->points,
                     over_frames->root_anchors[frame],
                     parameters[frame],
                     parameters[frames],
                     &kinematics,
                     points.data() + frame * size);
    const T no_zoom(kNoZoom);
    return over_frames->term->Evaluate(points.data(), &no_zoom, residuals);
  }

  std::shared_ptr<const PointsOverFrames> over_frames;
};

}  // namespace

std::unique_ptr<ceres::CostFunction> MakeFramesCost(std::shared_ptr<const PointsOverFrames> over_frames) {
  return std::make_unique<FramesCost>(std::move(over_frames));
}

std::unique_ptr<ceres::CostFunction> MakeAutoDiffFramesCost(
    std::shared_ptr<const PointsOverFrames> over_frames) {
  const int size = FrameLayout(over_frames->model->num_joints()).size();
  auto cost = std::make_unique<ceres::DynamicAutoDiffCostFunction<WholeBodyFunctor, kWholeBodyStride>>(
      new WholeBodyFunctor{over_frames});
  for (size_t frame = 0; frame < over_frames->root_anchors.size(); ++frame) cost->AddParameterBlock(size);
  cost->AddParameterBlock(over_frames->model->num_betas());
  cost->SetNumResiduals(over_frames->term->num_functors() * over_frames->term->num_residuals());
  return cost;
}

}  // namespace smplceres
