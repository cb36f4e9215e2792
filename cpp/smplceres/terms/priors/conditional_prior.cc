#include "smplceres/terms/priors/conditional_prior.h"

#include <cmath>

#include "smplceres/math/row_matrix.h"

namespace smplceres {

ConditionalPriorCost::ConditionalPriorCost(const ConditionalPose& pose, double weight, Slice body_pose)
    : pose_(pose),
      begin_(body_pose.begin),
      size_(body_pose.block_size),
      dim_(static_cast<int>(pose.mean.size())) {
  const double root = ResidualScale(kConditionalPriorTerm, weight);
  scale_ = root * root * (pose.degrees_of_freedom + dim_) / 2.0;
  set_num_residuals(dim_);
  mutable_parameter_block_sizes()->push_back(size_);
}

ConditionalPriorCost::Factor ConditionalPriorCost::FactorAt(double s) const {
  const double nu = pose_.degrees_of_freedom, ratio = s / nu;
  if (ratio < 1e-6) {  // log(1 + q) / q = 1 - q / 2 + O(q^2)
    const double f = std::sqrt(scale_ / nu * (1.0 - ratio / 2.0));
    return {f, -scale_ / (4.0 * nu * nu * f)};
  }
  const double energy = scale_ * std::log1p(ratio), slope = scale_ / (nu + s);
  const double f = std::sqrt(energy / s);
  return {f, (slope - energy / s) / (2.0 * s * f)};
}

bool ConditionalPriorCost::Evaluate(double const* const* parameters,
                                    double* residuals,
                                    double** jacobians) const {
  const Eigen::Map<const Eigen::VectorXd> x(parameters[0] + begin_, dim_);
  const Eigen::VectorXd e = pose_.precision_root * (x - pose_.mean);
  const Factor factor = FactorAt(e.squaredNorm());
  Eigen::Map<Eigen::VectorXd>(residuals, dim_) = factor.f * e;
  if (jacobians != nullptr && jacobians[0] != nullptr) {
    Eigen::Map<RowMatrix> jacobian(jacobians[0], dim_, size_);
    jacobian.setZero();
    jacobian.middleCols(begin_, dim_) =
        factor.f * pose_.precision_root +
        (2.0 * factor.derivative * e) * (e.transpose() * pose_.precision_root);
  }
  return e.allFinite();
}

bool ConditionalPriorCost::AddNormal(const double* block,
                                     double* cost,
                                     Eigen::Ref<Eigen::VectorXd> gradient,
                                     Eigen::Ref<Eigen::MatrixXd> hessian) const {
  const Eigen::Map<const Eigen::VectorXd> x(block + begin_, dim_);
  const Eigen::VectorXd from_mean = x - pose_.mean;
  const Eigen::VectorXd pull = pose_.precision * from_mean;  // A^T e
  const double s = pull.dot(from_mean);
  const auto [f, derivative] = FactorAt(s);
  *cost += 0.5 * f * f * s;
  gradient.segment(begin_, dim_) += f * (f + 2.0 * derivative * s) * pull;
  auto into = hessian.block(begin_, begin_, dim_, dim_);
  into += f * f * pose_.precision;
  into += (4.0 * derivative * (f + derivative * s)) * pull * pull.transpose();
  return std::isfinite(s);
}

}  // namespace smplceres
