// Interface to the normal equations of a least-squares problem. Implementations exploit its structure: dense
// for a single frame (equations/body_equations.h), an arrow matrix for many (equations/frames_equations.h).
#pragma once

#include <Eigen/Core>

namespace smplceres {

class NormalEquations {
 public:
  virtual ~NormalEquations() = default;

  virtual int num_parameters() const = 0;
  virtual int num_residuals() const = 0;
  // Reported as Summary::linear_solver.
  virtual const char* name() const = 0;

  // Projects x onto the bounds.
  virtual void Project(Eigen::VectorXd* x) const = 0;

  // cost: 1/2 |r|^2. False if it cannot be evaluated.
  virtual bool Cost(const Eigen::VectorXd& x, double* cost) = 0;
  // The same with g and the diagonal of H. Stores H for Solve.
  virtual bool Linearize(const Eigen::VectorXd& x,
                         double* cost,
                         Eigen::VectorXd* gradient,
                         Eigen::VectorXd* diagonal) = 0;
  // Solves (H + diag(damping)) d = -g at the last linearization. False if the matrix is not positive
  // definite.
  virtual bool Solve(const Eigen::VectorXd& damping, Eigen::VectorXd* delta) = 0;
};

}  // namespace smplceres
