// A cost function that can add its normal equations directly: its J^T J is constant, as a Gaussian's is.
//
// Ceres evaluates residuals and Jacobian; equations/body_equations.h calls AddNormal, which avoids writing
// the Jacobian and multiplying it.
#pragma once

#include <Eigen/Core>

#include "ceres/cost_function.h"
#include "smplceres/math/row_matrix.h"

namespace smplceres {

// A cost of one parameter block.
class NormalCost : public ceres::CostFunction {
 public:
  // Adds 1/2 |r|^2 to cost, J^T r to gradient, and J^T J to the lower triangle of hessian, all of the block's
  // size. False if the cost cannot be evaluated.
  virtual bool AddNormal(const double* x,
                         double* cost,
                         Eigen::Ref<Eigen::VectorXd> gradient,
                         Eigen::Ref<Eigen::MatrixXd> hessian) const = 0;
};

// r = A (x - b).
class LinearCost final : public NormalCost {
 public:
  LinearCost(RowMatrix A, Eigen::VectorXd b);

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override;
  bool AddNormal(const double* x,
                 double* cost,
                 Eigen::Ref<Eigen::VectorXd> gradient,
                 Eigen::Ref<Eigen::MatrixXd> hessian) const override;

 private:
  RowMatrix A_;
  Eigen::VectorXd b_;
  Eigen::MatrixXd precision_;
};

}  // namespace smplceres
