// A term whose normal equations are known without its Jacobian: J^T J is a constant, as a Gaussian's is.
//
// What such a term is to Ceres is the cost function, rows and Jacobian; what it is to normal equations that
// are gathered term by term (equations/body_equations.h) is their sum, without rows that have to be written
// first and multiplied then.
#pragma once

#include <Eigen/Core>
#include <utility>

#include "ceres/cost_function.h"
#include "ceres/types.h"

namespace smplceres {

// Of one parameter block.
class NormalCost : public ceres::CostFunction {
 public:
  // Adds 1/2 |r|^2 to cost, J^T r to gradient, and J^T J to the lower triangle of hessian; the block's sizes.
  // False where it cannot be evaluated.
  virtual bool AddNormal(const double* x,
                         double* cost,
                         Eigen::Ref<Eigen::VectorXd> gradient,
                         Eigen::Ref<Eigen::MatrixXd> hessian) const = 0;
};

// r = A (x - b).
class LinearCost final : public NormalCost {
 public:
  LinearCost(ceres::Matrix A, ceres::Vector b)
      : A_(std::move(A)), b_(std::move(b)), precision_(A_.transpose() * A_) {
    set_num_residuals(static_cast<int>(A_.rows()));
    mutable_parameter_block_sizes()->push_back(static_cast<int>(A_.cols()));
  }

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    Eigen::Map<ceres::Vector>(residuals, A_.rows()).noalias() =
        A_ * (ceres::ConstVectorRef(parameters[0], A_.cols()) - b_);
    if (jacobians != nullptr && jacobians[0] != nullptr)
      ceres::MatrixRef(jacobians[0], A_.rows(), A_.cols()) = A_;
    return true;
  }

  bool AddNormal(const double* x,
                 double* cost,
                 Eigen::Ref<Eigen::VectorXd> gradient,
                 Eigen::Ref<Eigen::MatrixXd> hessian) const override {
    const ceres::Vector from_b = ceres::ConstVectorRef(x, A_.cols()) - b_;
    const ceres::Vector pull = precision_ * from_b;
    *cost += 0.5 * pull.dot(from_b);
    gradient += pull;
    hessian += precision_;
    return true;
  }

 private:
  ceres::Matrix A_;
  ceres::Vector b_;
  Eigen::MatrixXd precision_;
};

}  // namespace smplceres
