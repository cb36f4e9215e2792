// Max-mixture prior on the body pose: the negative log-likelihood of the most likely Gaussian component.
//
//   E = weight min_k [ 1/2 (x - mu_k)^T Sigma_k^-1 (x - mu_k) - log w_k - c ]
//   w_k = pi_k / ( (2 pi)^(D/2) sqrt(det Sigma_k) / min_j sqrt(det Sigma_j) )
//
//   x                    the first D numbers of body_pose (axis-angle, radians)
//   pi_k, mu_k, Sigma_k  mixture weight, mean and covariance; Sigma_k^-1 = L_k L_k^T
//
//   c                    0, as published; or min_k -log w_k, so that E is 0 at the most likely component's
//                        mean: a constant of about 60 weight would weaken tolerances relative to the cost
//
// Residual: D + 1 rows of the minimising component k: sqrt(weight / 2) L_k^T (x - mu_k) and
// sqrt(weight (-log w_k - c)) (real: w_k <= 1 / (2 pi)^(D/2) < 1).
// Reference: Bogo et al. 2016, Eq. (4), after Olson and Agarwal 2013.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "smplceres/terms/normal_cost.h"
#include "smplceres/terms/priors/gaussian_prior.h"
#include "smplceres/terms/priors/pose_prior.h"

namespace smplceres {

struct MixturePrior {
  std::vector<GaussianPrior> components;
  std::vector<double> negative_log_weight;  // -log w_k >= 0

  Eigen::Index mean_size() const { return components.front().mean.size(); }

  // weights: pi_k > 0, any sum. Throws std::invalid_argument for sizes that disagree and for invalid
  // components.
  static MixturePrior FromMoments(const std::vector<double>& weights,
                                  const std::vector<Eigen::VectorXd>& means,
                                  const std::vector<Eigen::MatrixXd>& covariances);
};

// A cost of the block that holds body_pose. The prior must outlive it.
class MixturePriorCost final : public NormalCost {
 public:
  MixturePriorCost(const MixturePrior& prior, double weight, bool from_zero, Slice body_pose);

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override;
  // J^T J = weight / 2 Sigma_k^-1.
  bool AddNormal(const double* x,
                 double* cost,
                 Eigen::Ref<Eigen::VectorXd> gradient,
                 Eigen::Ref<Eigen::MatrixXd> hessian) const override;

 private:
  // Returns the minimum energy over components; sets best_ to the component and best_rows_ to its L^T (x -
  // mu). Starts with the previous best; another component's rows are evaluated from the last and shortest up
  // until their sum exceeds the minimum.
  double FindBest(const double* block) const;

  const MixturePrior& prior_;
  double constant_;  // c
  double weight_;
  double scale_;
  int body_pose_;
  int dim_;
  // Scratch space. Ceres never evaluates a cost function concurrently with itself.
  mutable size_t best_ = 0;
  mutable Eigen::VectorXd rows_, best_rows_, from_mean_;
};

}  // namespace smplceres
