#include "smplceres/problem/pooled_cost.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "ceres/dynamic_autodiff_cost_function.h"
#include "smplceres/problem/evaluate_points.h"

namespace smplceres {
namespace {

class PooledCost final : public ceres::CostFunction {
 public:
  explicit PooledCost(std::shared_ptr<const PooledPoints> pooled)
      : pooled_(std::move(pooled)),
        layout_(pooled_->model->num_joints()),
        points_(static_cast<size_t>(3 * pooled_->points->size())),
        jacobian_(pooled_->points->MakeJacobian(1)) {
    set_num_residuals(pooled_->term->num_residuals());
    *mutable_parameter_block_sizes() = {layout_.size(), pooled_->model->num_betas()};
  }

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    const double *frame = parameters[0], *betas = parameters[1];
    EvaluatePoints(
        *pooled_->model, *pooled_->points, pooled_->root_anchor, frame, betas, &kinematics_, points_.data());
    if (jacobians == nullptr) {
      pooled_->term->Evaluate(points_.data(), residuals);
      return true;
    }
    pooled_->term->Linearize(points_.data(), residuals, &gradients_);
    Chain(frame, betas, jacobians);
    return true;
  }

 private:
  // dr/dx = sum over the points that count of dr/dp dp/dx.
  void Chain(const double* frame, const double* betas, double** jacobians) const {
    const bool with_betas = pooled_->shape && jacobians[1] != nullptr;
    if (jacobians[0] != nullptr) std::fill_n(jacobians[0], num_residuals() * layout_.size(), 0.0);
    if (jacobians[1] != nullptr)
      std::fill_n(jacobians[1], num_residuals() * pooled_->model->num_betas(), 0.0);
    if (gradients_.points.empty()) return;
    const Eigen::Map<const Eigen::Vector3d> w(frame + layout_.root());
    derivative_.Compute(
        *pooled_->model, kinematics_, LeftJacobian(w), frame + layout_.body_pose(), with_betas);
    for (const int i : gradients_.points) {
      pooled_->points->EvaluateOne(
          i, kinematics_, derivative_, betas, with_betas, points_.data() + 3 * i, &jacobian_);
      if (jacobians[0] != nullptr) ChainFrame(i, jacobians[0]);
      if (with_betas) ChainBetas(i, jacobians[1]);
    }
  }

  void ChainFrame(int i, double* jacobian) const {
    Eigen::Map<RowMatrix> block(jacobian, num_residuals(), layout_.size());
    const auto by_point = gradients_.rows.middleCols<3>(3 * i);
    for (const int j : pooled_->points->moving_joints(i))
      block.middleCols<3>(layout_.joint(j)) += by_point.lazyProduct(jacobian_.pose.middleCols<3>(3 * j));
    block.middleCols<3>(layout_.transl()) += pooled_->points->translation_weight(i) * by_point;
  }

  void ChainBetas(int i, double* jacobian) const {
    Eigen::Map<RowMatrix> block(jacobian, num_residuals(), pooled_->model->num_betas());
    block += gradients_.rows.middleCols<3>(3 * i).lazyProduct(jacobian_.betas);
  }

  std::shared_ptr<const PooledPoints> pooled_;
  FrameLayout layout_;
  // Scratch space: Ceres never evaluates one cost function twice at once.
  mutable Kinematics<double> kinematics_;
  mutable KinematicsJacobian derivative_;
  mutable std::vector<double> points_;
  mutable PointGradients gradients_;
  mutable SkinnedPoints::Jacobian jacobian_;  // of one point
};

double WithoutDerivative(double x) { return x; }
WholeBodyJet WithoutDerivative(const WholeBodyJet& x) { return WholeBodyJet(x.a); }

struct WholeBodyFunctor {
  template <typename T>
  bool operator()(T const* const* parameters, T* residuals) const {
    std::vector<T> betas(parameters[1], parameters[1] + pooled->model->num_betas());
    if (!pooled->shape)
      for (T& beta : betas) beta = WithoutDerivative(beta);
    Kinematics<T> kinematics;
    std::vector<T> points(static_cast<size_t>(3 * pooled->points->size()));
    EvaluatePoints(*pooled->model,
                   *pooled->points,
                   pooled->root_anchor,
                   parameters[0],
                   betas.data(),
                   &kinematics,
                   points.data());
    pooled->term->Evaluate(points.data(), residuals);
    return true;
  }

  std::shared_ptr<const PooledPoints> pooled;
};

}  // namespace

std::unique_ptr<ceres::CostFunction> MakePooledCost(std::shared_ptr<const PooledPoints> pooled) {
  return std::make_unique<PooledCost>(std::move(pooled));
}

std::unique_ptr<ceres::CostFunction> MakeAutoDiffPooledCost(std::shared_ptr<const PooledPoints> pooled) {
  auto cost = std::make_unique<ceres::DynamicAutoDiffCostFunction<WholeBodyFunctor, kWholeBodyStride>>(
      new WholeBodyFunctor{pooled});
  cost->AddParameterBlock(FrameLayout(pooled->model->num_joints()).size());
  cost->AddParameterBlock(pooled->model->num_betas());
  cost->SetNumResiduals(pooled->term->num_residuals());
  return cost;
}

}  // namespace smplceres
