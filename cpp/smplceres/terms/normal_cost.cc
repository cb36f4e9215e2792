#include "smplceres/terms/normal_cost.h"

#include <utility>

#include "smplceres/math/row_matrix.h"

namespace smplceres {

LinearCost::LinearCost(RowMatrix A, Eigen::VectorXd b)
    : A_(std::move(A)), b_(std::move(b)), precision_(A_.transpose() * A_) {
  set_num_residuals(static_cast<int>(A_.rows()));
  mutable_parameter_block_sizes()->push_back(static_cast<int>(A_.cols()));
}

bool LinearCost::Evaluate(double const* const* parameters, double* residuals, double** jacobians) const {
  Eigen::Map<Eigen::VectorXd>(residuals, A_.rows()).noalias() =
      A_ * (Eigen::Map<const Eigen::VectorXd>(parameters[0], A_.cols()) - b_);
  if (jacobians != nullptr && jacobians[0] != nullptr)
    Eigen::Map<RowMatrix>(jacobians[0], A_.rows(), A_.cols()) = A_;
  return true;
}

bool LinearCost::AddNormal(const double* x,
                           double* cost,
                           Eigen::Ref<Eigen::VectorXd> gradient,
                           Eigen::Ref<Eigen::MatrixXd> hessian) const {
  const Eigen::VectorXd from_b = Eigen::Map<const Eigen::VectorXd>(x, A_.cols()) - b_;
  const Eigen::VectorXd pull = precision_ * from_b;
  *cost += 0.5 * pull.dot(from_b);
  gradient += pull;
  hessian += precision_;
  return true;
}

}  // namespace smplceres
