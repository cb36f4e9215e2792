#include "smplceres/cost/pooled_cost.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "smplceres/cost/point_chain.h"
#include "smplceres/cost/whole_body.h"

namespace smplceres {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<int> BlockSizes(const PooledPoints& pooled) {
  return {pooled.model().layout().size(), pooled.model().num_betas()};
}

class PooledCost final : public ceres::CostFunction {
 public:
  explicit PooledCost(std::shared_ptr<const PooledPoints> pooled)
      : pooled_(std::move(pooled)),
        chain_(pooled_->model()),
        points_(static_cast<size_t>(3 * pooled_->points->size())) {
    set_num_residuals(pooled_->term->num_residuals());
    *mutable_parameter_block_sizes() = BlockSizes(*pooled_);
  }

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    const double *frame = parameters[0], *betas = parameters[1];
    const Kinematics<double>& kinematics = pooled_->kinematics->At(frame, betas);
    EvaluateNearLimbs(kinematics, pooled_->kinematics->shape());
    if (jacobians == nullptr) {
      pooled_->term->Evaluate(points_.data(), residuals);
      return true;
    }
    pooled_->term->Linearize(points_.data(), residuals, &gradients_);
    Chain(kinematics, frame, betas, jacobians);
    return true;
  }

 private:
  // Evaluates the points of limbs that are near another limb; those of others are NaN.
  void EvaluateNearLimbs(const Kinematics<double>& kinematics, const double* shape) const {
    const LimbPairs& limbs = pooled_->term->limbs();
    const Eigen::Map<const Eigen::VectorXd> beta(shape, pooled_->model().num_directions());
    const size_t size = limbs.limbs.size();
    centre_.resize(size);
    reach_.resize(size);
    radius_.resize(size);
    near_.assign(size, false);
    for (size_t l = 0; l < size; ++l) {
      const LimbBound& bound = limbs.limbs[l].bound;
      const size_t k = static_cast<size_t>(bound.joint);
      const Eigen::Vector3d at_rest = bound.centre + bound.shapedirs * beta;
      centre_[l] = kinematics.rotation[k] * at_rest + kinematics.origin[k];
      reach_[l] = bound.reach + bound.reach_betas.dot(beta.cwiseAbs());
      radius_[l] = bound.radius + bound.radius_betas.dot(beta.cwiseAbs());
    }
    for (const LimbPair& pair : limbs.pairs) {
      const size_t a = static_cast<size_t>(pair.first), b = static_cast<size_t>(pair.second);
      if (near_[a] && near_[b]) continue;
      const double reach = reach_[a] + reach_[b] + pooled_->term->Reach(radius_[a], radius_[b]);
      if ((centre_[a] - centre_[b]).squaredNorm() <= reach * reach) near_[a] = near_[b] = true;
    }
    for (size_t l = 0; l < size; ++l) {
      const Limb& limb = limbs.limbs[l];
      if (near_[l]) {
        pooled_->points->EvaluateCarried(kinematics, shape, 2 * limb.begin, 2 * limb.end, points_.data());
      } else {
        std::fill(points_.begin() + 6 * limb.begin, points_.begin() + 6 * limb.end, kNaN);
      }
    }
  }

  // dr/dx = sum of dr/dp dp/dx over the points with gradients.
  void Chain(const Kinematics<double>& kinematics,
             const double* frame,
             const double* betas,
             double** jacobians) const {
    const bool with_shape = pooled_->shape && chain_.NeedsShape(jacobians[0], jacobians[1]);
    chain_.SetZero(num_residuals(), chain_.FromRow(0, jacobians[0], jacobians[1]));
    if (gradients_.empty()) return;
    const KinematicsJacobian& derivative = pooled_->kinematics->JacobianAt(frame, betas, with_shape);
    pooled_->points->PullBack(
        gradients_, points_.data(), kinematics, derivative, with_shape, num_residuals(), &pulled_back_);
    chain_.Set(pulled_back_, with_shape, chain_.FromRow(0, jacobians[0], jacobians[1]));
  }

  std::shared_ptr<const PooledPoints> pooled_;
  PointChain chain_;
  // Scratch space. Ceres never evaluates a cost function concurrently with itself.
  mutable std::vector<double> points_;
  mutable std::vector<PointGradient> gradients_;
  mutable SkinnedPoints::PulledBack pulled_back_;
  mutable std::vector<Eigen::Vector3d> centre_;  // of limbs
  mutable std::vector<double> reach_, radius_;
  mutable std::vector<bool> near_;
};

struct ResidualsOfPairs {
  template <typename T>
  bool operator()(const T* points, T const* const*, T* residuals) const {
    pooled->term->Evaluate(points, residuals);
    return true;
  }

  std::shared_ptr<const PooledPoints> pooled;
};

}  // namespace

std::unique_ptr<ceres::CostFunction> MakePooledCost(std::shared_ptr<const PooledPoints> pooled) {
  return std::make_unique<PooledCost>(std::move(pooled));
}

std::unique_ptr<ceres::CostFunction> MakeAutoDiffPooledCost(std::shared_ptr<const PooledPoints> pooled) {
  return MakeWholeBodyCost<ResidualsOfPairs>(
      {{pooled->kinematics}, {pooled->points}, pooled->shape, {pooled}},
      BlockSizes(*pooled),
      pooled->term->num_residuals());
}

}  // namespace smplceres
