#include "smplceres/terms/priors/mixture_prior.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "smplceres/math/pi.h"
#include "smplceres/math/row_matrix.h"

namespace smplceres {

MixturePrior MixturePrior::FromMoments(const std::vector<double>& weights,
                                       const std::vector<Eigen::VectorXd>& means,
                                       const std::vector<Eigen::MatrixXd>& covariances) {
  const size_t K = weights.size();
  if (K == 0 || means.size() != K || covariances.size() != K)
    throw std::invalid_argument(
        "weights, means, covars: expected the same number of components, at least 1, got " +
        std::to_string(K) + ", " + std::to_string(means.size()) + " and " +
        std::to_string(covariances.size()));
  MixturePrior prior;
  std::vector<double> log_sqrt_det;  // log sqrt(det Sigma_k) = -sum log diag(L_k)
  double total = 0.0;
  for (size_t k = 0; k < K; ++k) {
    CheckPositive("weights", weights[k]);
    if (means[k].size() != means[0].size())
      throw std::invalid_argument("means: expected components of one size, got " +
                                  std::to_string(means[0].size()) + " and " +
                                  std::to_string(means[k].size()));
    total += weights[k];
    prior.components.push_back(GaussianPrior::FromCovariance(means[k], covariances[k]));
    log_sqrt_det.push_back(-prior.components[k].precision_root.diagonal().array().log().sum());
  }
  const double min_log_sqrt_det = *std::min_element(log_sqrt_det.begin(), log_sqrt_det.end());
  const double log_two_pi = std::log(2.0 * kPi);
  for (size_t k = 0; k < K; ++k)
    prior.negative_log_weight.push_back(0.5 * static_cast<double>(means[0].size()) * log_two_pi +
                                        log_sqrt_det[k] - min_log_sqrt_det - std::log(weights[k] / total));
  return prior;
}

MixturePriorCost::MixturePriorCost(const MixturePrior& prior, double weight, bool from_zero, Slice body_pose)
    : prior_(prior),
      constant_(from_zero
                    ? *std::min_element(prior.negative_log_weight.begin(), prior.negative_log_weight.end())
                    : 0.0),
      weight_(weight),
      scale_(ResidualScale(kPosePriorTerm, weight / 2.0)),
      body_pose_(body_pose.begin),
      dim_(static_cast<int>(prior.components.front().mean.size())),
      rows_(dim_),
      best_rows_(dim_),
      from_mean_(dim_) {
  set_num_residuals(dim_ + 1);
  mutable_parameter_block_sizes()->push_back(body_pose.block_size);
}

bool MixturePriorCost::Evaluate(double const* const* parameters,
                                double* residuals,
                                double** jacobians) const {
  const double best_energy = FindBest(parameters[0]);
  Eigen::Map<Eigen::VectorXd>(residuals, dim_) = scale_ * best_rows_;
  residuals[dim_] = std::sqrt(weight_ * (prior_.negative_log_weight[best_] - constant_));
  if (jacobians != nullptr && jacobians[0] != nullptr) {
    Eigen::Map<RowMatrix> jacobian(jacobians[0], dim_ + 1, parameter_block_sizes()[0]);
    jacobian.setZero();
    jacobian.block(0, body_pose_, dim_, dim_) = scale_ * prior_.components[best_].precision_root;
  }
  return std::isfinite(best_energy);
}

bool MixturePriorCost::AddNormal(const double* x,
                                 double* cost,
                                 Eigen::Ref<Eigen::VectorXd> gradient,
                                 Eigen::Ref<Eigen::MatrixXd> hessian) const {
  const double best_energy = FindBest(x);
  const GaussianPrior& component = prior_.components[best_];
  *cost += 0.5 * weight_ * (best_energy - constant_);
  rows_.noalias() = component.precision_root.triangularView<Eigen::Upper>().transpose() * best_rows_;
  gradient.segment(body_pose_, dim_) += 0.5 * weight_ * rows_;
  hessian.block(body_pose_, body_pose_, dim_, dim_) += 0.5 * weight_ * component.precision;
  return std::isfinite(best_energy);
}

double MixturePriorCost::FindBest(const double* block) const {
  constexpr int kRowsAtOnce = 16;
  const Eigen::Map<const Eigen::VectorXd> x(block + body_pose_, dim_);
  const size_t last_best = best_;
  double best_energy = std::numeric_limits<double>::infinity();
  const auto consider = [&](size_t k) {
    const GaussianPrior& component = prior_.components[k];
    double energy = prior_.negative_log_weight[k];
    from_mean_ = x - component.mean;
    for (int end = dim_; end > 0;) {
      const int begin = std::max(end - kRowsAtOnce, 0), rows = end - begin, rest = dim_ - begin;
      rows_.segment(begin, rows).noalias() =
          component.precision_root.block(begin, begin, rows, rest) * from_mean_.tail(rest);
      energy += 0.5 * rows_.segment(begin, rows).squaredNorm();
      if (!(energy < best_energy)) return;
      end = begin;
    }
    best_energy = energy;
    best_ = k;
    best_rows_.swap(rows_);
  };
  consider(last_best);
  for (size_t k = 0; k < prior_.components.size(); ++k)
    if (k != last_best) consider(k);
  return best_energy;
}

}  // namespace smplceres
