#include "smplceres/evidence/points3d.h"

#include <Eigen/Cholesky>
#include <stdexcept>
#include <string>

#include "smplceres/terms/term.h"

namespace smplceres {
namespace {

constexpr double kMaxCoordinate = 1e6;  // metres; keeps squares within float64
constexpr double kMaxConfidence = 1e6;
constexpr double kAsymmetry = 1e-6;  // tolerance, relative to the largest element

}  // namespace

Eigen::Matrix3d Whitening(const Eigen::Matrix3d& covariance, double confidence, int point) {
  if (!(confidence >= 0.0 && confidence <= kMaxConfidence))
    throw std::invalid_argument("confidence: expected numbers from 0 to 1e6, got " +
                                std::to_string(confidence) + " at point " + std::to_string(point));
  if (confidence == 0.0) return Eigen::Matrix3d::Zero();
  const Eigen::LLT<Eigen::Matrix3d> of_covariance(covariance);
  const double asymmetry = (covariance - covariance.transpose()).cwiseAbs().maxCoeff();
  const bool is_valid = covariance.allFinite() &&
                        asymmetry <= kAsymmetry * covariance.cwiseAbs().maxCoeff() &&
                        of_covariance.info() == Eigen::Success;
  const Eigen::Matrix3d precision =
      is_valid ? Eigen::Matrix3d(of_covariance.solve(Eigen::Matrix3d::Identity())) : Eigen::Matrix3d::Zero();
  const Eigen::LLT<Eigen::Matrix3d> of_precision(0.5 * (precision + precision.transpose()));
  if (!precision.allFinite() || of_precision.info() != Eigen::Success)
    throw std::invalid_argument(
        "covariance: expected finite, symmetric, positive definite matrices, got another at point " +
        std::to_string(point));
  return confidence * Eigen::Matrix3d(of_precision.matrixU());
}

void Points3d::Check(const BodyModel& model) const {
  points->CheckBody(model);
  const size_t N = point_of.size();
  if (static_cast<size_t>(xyz.rows()) != N || xyz.cols() != 3)
    throw std::invalid_argument("xyz: expected " + std::to_string(N) + " x 3, got " +
                                std::to_string(xyz.rows()) + " x " + std::to_string(xyz.cols()));
  if (whitening.size() != N || roles.size() != N)
    throw std::invalid_argument("covariance, roles: expected " + std::to_string(N) + " of each, got " +
                                std::to_string(whitening.size()) + " and " + std::to_string(roles.size()));
  for (const int point : point_of)
    if (point < -1 || point >= points->size())
      throw std::invalid_argument("point_of: expected -1 to " + std::to_string(points->size() - 1) +
                                  ", got " + std::to_string(point));
  for (const int i : Used())
    if (!(xyz.row(i).array().abs() <= kMaxCoordinate).all())
      throw std::invalid_argument(
          "xyz: expected metres within +-1e6 where the confidence is over 0, got other numbers at point " +
          std::to_string(i));
}

std::vector<int> Points3d::Used() const {
  std::vector<int> used;
  for (size_t i = 0; i < point_of.size(); ++i)
    if (point_of[i] >= 0 && !whitening[i].isZero(0.0)) used.push_back(static_cast<int>(i));
  return used;
}

}  // namespace smplceres
