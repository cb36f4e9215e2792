#include "smplceres/problem/points_cost.h"

#include <utility>

#include "ceres/dynamic_autodiff_cost_function.h"
#include "smplceres/problem/evaluate_points.h"

namespace smplceres {
namespace {

template <typename T>
bool AllInFront(const FramePoints& frame_points, const T* points) {
  return std::visit(
      [&](const auto& camera) {
        for (int i = 0; i < frame_points.points->size(); ++i)
          if (!camera.InFront(points + 3 * i)) return false;
        return true;
      },
      frame_points.camera);
}

// Residuals of all terms, one after the other.
template <typename T>
bool EvaluateTerms(const FramePoints& frame_points, const T* points, const T* camera, T* residuals) {
  if (!AllInFront(frame_points, points)) return false;
  for (const auto& term : frame_points.terms) {
    if (!term->Evaluate(points, camera, residuals)) return false;
    residuals += term->num_functors() * term->num_residuals();
  }
  return true;
}

class PointsCost final : public ceres::CostFunction {
 public:
  explicit PointsCost(std::shared_ptr<const FramePoints> frame_points)
      : frame_points_(std::move(frame_points)),
        layout_(frame_points_->model->num_joints()),
        points_(static_cast<size_t>(3 * frame_points_->points->size())),
        jacobian_(frame_points_->points->MakeJacobian()) {
    set_num_residuals(frame_points_->num_residuals());
    *mutable_parameter_block_sizes() = {layout_.size(), frame_points_->model->num_betas(), 1};
  }

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    const double *frame = parameters[0], *betas = parameters[1], *camera = parameters[2];
    if (jacobians == nullptr) {
      EvaluatePoints(*frame_points_->model,
                     *frame_points_->points,
                     frame_points_->root_anchor,
                     frame,
                     betas,
                     &kinematics_,
                     points_.data());
      return EvaluateTerms(*frame_points_, points_.data(), camera, residuals);
    }
    Linearize(frame, betas, jacobians[1] != nullptr);
    if (!AllInFront(*frame_points_, points_.data())) return false;
    return ChainTerms(camera, residuals, jacobians);
  }

 private:
  // Points and their Jacobian.
  void Linearize(const double* frame, const double* betas, bool with_betas) const {
    const Eigen::Map<const Eigen::Vector3d> w(frame + layout_.root());
    kinematics_.Compute(*frame_points_->model,
                        Exp(w) * frame_points_->root_anchor,
                        frame + layout_.body_pose(),
                        betas,
                        frame + layout_.transl());
    derivative_.Compute(
        *frame_points_->model, kinematics_, LeftJacobian(w), frame + layout_.body_pose(), with_betas);
    frame_points_->points->Evaluate(kinematics_, derivative_, betas, with_betas, points_.data(), &jacobian_);
  }

  // dr/dx = sum over a functor's points of dr/dp dp/dx, row by row into Ceres' row-major blocks.
  bool ChainTerms(const double* camera, double* residuals, double** jacobians) const {
    int row = 0;
    for (const auto& term : frame_points_->terms) {
      const int rows = term->num_residuals(), points = term->num_points();
      by_point_.resize(rows, 3 * points);
      by_camera_.resize(rows);
      for (int f = 0; f < term->num_functors(); ++f, row += rows) {
        if (!term->Linearize(f, points_.data(), camera, residuals + row, by_point_.data(), by_camera_.data()))
          return false;
        if (jacobians[0] != nullptr) ChainFrame(term->points_of(f), points, row, jacobians[0]);
        if (jacobians[1] != nullptr) ChainBetas(term->points_of(f), points, row, jacobians[1]);
        if (jacobians[2] != nullptr)
          for (int i = 0; i < rows; ++i) jacobians[2][row + i] = by_camera_[i];
      }
    }
    return true;
  }

  void ChainFrame(const int* numbers, int num_points, int row, double* jacobian) const {
    Eigen::Map<RowMatrix> block(jacobian + row * layout_.size(), by_point_.rows(), layout_.size());
    block.setZero();
    for (int i = 0; i < num_points; ++i) {
      const int point = numbers[i];
      const auto by_point = by_point_.middleCols<3>(3 * i);
      const auto of_point = jacobian_.pose.middleRows<3>(3 * point);
      for (const int j : frame_points_->points->moving_joints(point))
        block.middleCols<3>(layout_.joint(j)) += by_point.lazyProduct(of_point.middleCols<3>(3 * j));
      block.middleCols<3>(layout_.transl()) += frame_points_->points->translation_weight(point) * by_point;
    }
  }

  void ChainBetas(const int* numbers, int num_points, int row, double* jacobian) const {
    const int B = frame_points_->model->num_betas();
    Eigen::Map<RowMatrix> block(jacobian + row * B, by_point_.rows(), B);
    block.setZero();
    for (int i = 0; i < num_points; ++i)
      block += by_point_.middleCols<3>(3 * i).lazyProduct(jacobian_.betas.middleRows<3>(3 * numbers[i]));
  }

  std::shared_ptr<const FramePoints> frame_points_;
  FrameLayout layout_;
  // Scratch space: Ceres never evaluates one cost function twice at once.
  mutable Kinematics<double> kinematics_;
  mutable KinematicsJacobian derivative_;
  mutable std::vector<double> points_;
  mutable SkinnedPoints::Jacobian jacobian_;
  mutable RowMatrix by_point_;
  mutable Eigen::VectorXd by_camera_;
};

struct WholeBodyFunctor {
  template <typename T>
  bool operator()(T const* const* parameters, T* residuals) const {
    Kinematics<T> kinematics;
    std::vector<T> points(static_cast<size_t>(3 * frame_points->points->size()));
    EvaluatePoints(*frame_points->model,
                   *frame_points->points,
                   frame_points->root_anchor,
                   parameters[0],
                   parameters[1],
                   &kinematics,
                   points.data());
    return EvaluateTerms(*frame_points, points.data(), parameters[2], residuals);
  }

  std::shared_ptr<const FramePoints> frame_points;
};

}  // namespace

int FramePoints::num_residuals() const {
  int rows = 0;
  for (const auto& term : terms) rows += term->num_functors() * term->num_residuals();
  return rows;
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
  cost->AddParameterBlock(1);
  cost->SetNumResiduals(frame_points->num_residuals());
  return cost;
}

}  // namespace smplceres
