// The normal equations of a least-squares problem, assembled and solved by those who know its structure:
// dense for a single frame (equations/body_equations.h), an arrow for many (equations/frames_equations.h).
#pragma once

#include <Eigen/Core>

namespace smplceres {

class NormalEquations {
 public:
  virtual ~NormalEquations() = default;

  virtual int num_parameters() const = 0;
  virtual int num_residuals() const = 0;
  // What Summary::linear_solver calls them.
  virtual const char* name() const = 0;

  // Onto the bounds.
  virtual void Project(Eigen::VectorXd* x) const = 0;

  // 1/2 |r|^2 in cost. False where it cannot be evaluated.
  virtual bool Cost(const Eigen::VectorXd& x, double* cost) = 0;
  // And g, and the diagonal of H. H is kept for Solve.
  virtual bool Linearize(const Eigen::VectorXd& x,
                         double* cost,
                         Eigen::VectorXd* gradient,
                         Eigen::VectorXd* diagonal) = 0;
  // (H + diag(damping)) d = -g where last linearized. False where that is not positive definite.
  virtual bool Solve(const Eigen::VectorXd& damping, Eigen::VectorXd* delta) = 0;
};

}  // namespace smplceres
