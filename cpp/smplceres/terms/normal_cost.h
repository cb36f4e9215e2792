// A term whose normal equations are known without its Jacobian: J^T J is a constant, as a Gaussian's is.
//
// What such a term is to Ceres is the cost function, rows and Jacobian; what it is to normal equations that
// are gathered term by term (equations/body_equations.h) is their sum, without rows that have to be written
// first and multiplied then.
#pragma once

#include <Eigen/Core>

#include "ceres/cost_function.h"
#include "smplceres/math/row_matrix.h"

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
