// Gaussian prior on the body pose.
//
//   E = weight / 2 (x - mu)^T Sigma^-1 (x - mu)
//
//   x      the first D numbers of body_pose (axis-angle, radians)
//   mu, Sigma^-1 = L L^T     mean and precision of plausible poses, L lower triangular
//
// Residual: D rows, sqrt(weight / 2) L^T (x - mu); the mixture's (mixture_prior.h) with one component.
#pragma once

#include <Eigen/Cholesky>
#include <memory>
#include <stdexcept>
#include <string>

#include "smplceres/terms/normal_cost.h"
#include "smplceres/terms/term.h"

namespace smplceres {

struct GaussianPrior {
  Eigen::VectorXd mean;            // D
  Eigen::MatrixXd precision_root;  // L^T: D x D, upper triangular
  Eigen::MatrixXd precision;       // L L^T

  Eigen::Index mean_size() const { return mean.size(); }

  // Throws std::invalid_argument unless sizes agree, all is finite and the covariance positive definite.
  static GaussianPrior FromCovariance(const Eigen::VectorXd& mean, const Eigen::MatrixXd& covariance) {
    const Eigen::Index D = mean.size();
    if (D == 0 || D % 3 != 0)
      throw std::invalid_argument("mean: expected three numbers per joint, got " + std::to_string(D));
    if (covariance.rows() != D || covariance.cols() != D)
      throw std::invalid_argument("covariance: expected " + std::to_string(D) + " x " + std::to_string(D) +
                                  ", got " + std::to_string(covariance.rows()) + " x " +
                                  std::to_string(covariance.cols()));
    if (!mean.allFinite() || !covariance.allFinite())
      throw std::invalid_argument("mean, covariance: expected finite numbers, got NaN or infinity");
    const Eigen::LLT<Eigen::MatrixXd> of_covariance(covariance);
    if (of_covariance.info() != Eigen::Success)
      throw std::invalid_argument("covariance: expected a positive definite matrix");
    const Eigen::MatrixXd precision = of_covariance.solve(Eigen::MatrixXd::Identity(D, D));
    const Eigen::LLT<Eigen::MatrixXd> of_precision(0.5 * (precision + precision.transpose()));
    if (of_precision.info() != Eigen::Success)
      throw std::invalid_argument("covariance: expected a well conditioned matrix");
    const Eigen::MatrixXd root = of_precision.matrixU();
    return {mean, root, root.transpose() * root};
  }
};

// Over the block that holds body_pose.
inline std::unique_ptr<ceres::CostFunction> MakeGaussianPriorCost(const GaussianPrior& prior,
                                                                  double weight,
                                                                  Slice body_pose) {
  const Eigen::Index D = prior.mean.size();
  ceres::Matrix A = ceres::Matrix::Zero(D, body_pose.block_size);
  A.middleCols(body_pose.begin, D) = ResidualScale("pose_prior", weight / 2.0) * prior.precision_root;
  ceres::Vector b = ceres::Vector::Zero(body_pose.block_size);
  b.segment(body_pose.begin, D) = prior.mean;
  return std::make_unique<LinearCost>(A, b);
}

}  // namespace smplceres
