#include "smplceres/terms/priors/gaussian_prior.h"

#include <Eigen/Cholesky>
#include <stdexcept>
#include <string>

#include "smplceres/math/row_matrix.h"
#include "smplceres/terms/normal_cost.h"

namespace smplceres {

GaussianPrior GaussianPrior::FromCovariance(const Eigen::VectorXd& mean, const Eigen::MatrixXd& covariance) {
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

std::unique_ptr<ceres::CostFunction> MakeGaussianPriorCost(const GaussianPrior& prior,
                                                           double weight,
                                                           Slice body_pose) {
  const Eigen::Index D = prior.mean.size();
  RowMatrix A = RowMatrix::Zero(D, body_pose.block_size);
  A.middleCols(body_pose.begin, D) = ResidualScale(kPosePriorTerm, weight / 2.0) * prior.precision_root;
  Eigen::VectorXd b = Eigen::VectorXd::Zero(body_pose.block_size);
  b.segment(body_pose.begin, D) = prior.mean;
  return std::make_unique<LinearCost>(A, b);
}

}  // namespace smplceres
