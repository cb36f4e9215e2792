// Gaussian prior on the body pose.
//
//   E = weight / 2 (x - mu)^T Sigma^-1 (x - mu)
//
//   x      the first D numbers of body_pose (axis-angle, radians)
//   mu, Sigma^-1 = L L^T     mean and precision of plausible poses, L lower triangular
//
// Residual: D rows, sqrt(weight / 2) L^T (x - mu), as in mixture_prior.h with one component.
#pragma once

#include <Eigen/Core>
#include <memory>

#include "ceres/cost_function.h"
#include "smplceres/terms/priors/pose_prior.h"
#include "smplceres/terms/term.h"

namespace smplceres {

struct GaussianPrior {
  Eigen::VectorXd mean;            // D
  Eigen::MatrixXd precision_root;  // L^T: D x D, upper triangular
  Eigen::MatrixXd precision;       // L L^T

  Eigen::Index mean_size() const { return mean.size(); }

  // Throws std::invalid_argument unless sizes agree, all values are finite and the
  // covariance is positive definite.
  static GaussianPrior FromCovariance(const Eigen::VectorXd& mean, const Eigen::MatrixXd& covariance);
};

// A cost of the block that holds body_pose.
std::unique_ptr<ceres::CostFunction> MakeGaussianPriorCost(const GaussianPrior& prior,
                                                           double weight,
                                                           Slice body_pose);

}  // namespace smplceres
