// A quadratic approximation of half an energy near a state.
#pragma once

#include <Eigen/Core>

namespace smplceres {

// c + g . d + d . H d / 2 for a change d = [ frame | betas ] of the variables.
struct Quadratic {
  explicit Quadratic(Eigen::Index size)
      : hessian(Eigen::MatrixXd::Zero(size, size)), gradient(Eigen::VectorXd::Zero(size)) {}

  double constant = 0.0;
  Eigen::MatrixXd hessian;  // lower triangle
  Eigen::VectorXd gradient;
};

}  // namespace smplceres
