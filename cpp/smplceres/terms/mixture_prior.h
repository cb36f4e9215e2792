// Max-mixture prior on the body pose: the negative log of the likeliest component of a Gaussian mixture.
//
//   E = weight min_k [ 1/2 (x - mu_k)^T Sigma_k^-1 (x - mu_k) - log w_k - c ]
//   w_k = pi_k / ( (2 pi)^(D/2) sqrt(det Sigma_k) / min_j sqrt(det Sigma_j) )
//
//   x                    the first D numbers of body_pose (axis-angle, radians)
//   pi_k, mu_k, Sigma_k  mixture weight, mean and covariance; Sigma_k^-1 = L_k L_k^T
//
//   c                    0, as published; or min_k -log w_k, so that E is 0 at the likeliest component's
//                        mean: a constant of some 60 weight hides what is left to gain from tolerances that
//                        are relative to the cost
//
// Residual: D + 1 rows of the component k that wins at x: sqrt(weight / 2) L_k^T (x - mu_k) and
// sqrt(weight (-log w_k - c)) (real: w_k <= 1 / (2 pi)^(D/2) < 1).
// Reference: Bogo et al. 2016, Eq. (4), after Olson and Agarwal 2013.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ceres/types.h"
#include "smplceres/terms/gaussian_prior.h"
#include "smplceres/terms/normal_cost.h"
#include "smplceres/terms/term.h"

namespace smplceres {

struct MixturePrior {
  std::vector<GaussianPrior> components;
  std::vector<double> negative_log_weight;  // -log w_k >= 0

  Eigen::Index mean_size() const { return components.front().mean.size(); }

  // weights: pi_k > 0, any sum. Throws std::invalid_argument for what is no mixture.
  static MixturePrior FromMoments(const std::vector<double>& weights,
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
    const double least = *std::min_element(log_sqrt_det.begin(), log_sqrt_det.end());
    const double log_two_pi = std::log(2.0 * 3.14159265358979323846);
    for (size_t k = 0; k < K; ++k)
      prior.negative_log_weight.push_back(0.5 * static_cast<double>(means[0].size()) * log_two_pi +
                                          log_sqrt_det[k] - least - std::log(weights[k] / total));
    return prior;
  }
};

// Over the block that holds body_pose. The prior must outlive it.
class MixturePriorCost final : public NormalCost {
 public:
  MixturePriorCost(const MixturePrior& prior, double weight, bool from_zero, Slice body_pose)
      : prior_(prior),
        constant_(from_zero
                      ? *std::min_element(prior.negative_log_weight.begin(), prior.negative_log_weight.end())
                      : 0.0),
        weight_(weight),
        scale_(ResidualScale("pose_prior", weight / 2.0)),
        body_pose_(body_pose.begin),
        dim_(static_cast<int>(prior.components.front().mean.size())),
        rows_(dim_),
        best_rows_(dim_),
        from_mean_(dim_) {
    set_num_residuals(dim_ + 1);
    mutable_parameter_block_sizes()->push_back(body_pose.block_size);
  }

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    const double best_energy = FindBest(parameters[0]);
    Eigen::Map<Eigen::VectorXd>(residuals, dim_) = scale_ * best_rows_;
    residuals[dim_] = std::sqrt(weight_ * (prior_.negative_log_weight[best_] - constant_));
    if (jacobians != nullptr && jacobians[0] != nullptr) {
      Eigen::Map<ceres::Matrix> jacobian(jacobians[0], dim_ + 1, parameter_block_sizes()[0]);
      jacobian.setZero();
      jacobian.block(0, body_pose_, dim_, dim_) = scale_ * prior_.components[best_].precision_root;
    }
    return std::isfinite(best_energy);
  }

  // J^T J = weight / 2 Sigma_k^-1.
  bool AddNormal(const double* x,
                 double* cost,
                 Eigen::Ref<Eigen::VectorXd> gradient,
                 Eigen::Ref<Eigen::MatrixXd> hessian) const override {
    const double best_energy = FindBest(x);
    const GaussianPrior& component = prior_.components[best_];
    *cost += 0.5 * weight_ * (best_energy - constant_);
    rows_.noalias() = component.precision_root.triangularView<Eigen::Upper>().transpose() * best_rows_;
    gradient.segment(body_pose_, dim_) += 0.5 * weight_ * rows_;
    hessian.block(body_pose_, body_pose_, dim_, dim_) += 0.5 * weight_ * component.precision;
    return std::isfinite(best_energy);
  }

 private:
  // The energy of the component that wins, its number in best_, its rows L^T (x - mu) in best_rows_. Others
  // are looked at from the last row up, the shortest first, for as long as they may still win; the winner of
  // the evaluation before goes first.
  double FindBest(const double* block) const {
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

  const MixturePrior& prior_;
  double constant_;  // c
  double weight_;
  double scale_;
  int body_pose_;
  int dim_;
  // Scratch space: Ceres never evaluates one cost function twice at once.
  mutable size_t best_ = 0;
  mutable Eigen::VectorXd rows_, best_rows_, from_mean_;
};

}  // namespace smplceres
