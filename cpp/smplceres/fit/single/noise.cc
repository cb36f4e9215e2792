#include "smplceres/fit/single/noise.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <vector>

#include "smplceres/equations/body_equations.h"
#include "smplceres/math/weighted_median.h"
#include "smplceres/objective/objective.h"

namespace smplceres {
namespace {

constexpr double kWeakened = 0.25;
constexpr double kMinBalance = 0.5;
constexpr double kMaxBalance = 4.0;
// Rows of a group that suffice for an estimate of its noise.
constexpr size_t kMinRows = 8;
constexpr double kMaxGroupWeight = 4.0;
// For n Gaussian samples, sigma / median |x| = 1 / Phi^-1(3 / 4), and the standard error of log sigma is
// kErrorOfMedian / sqrt(n).
constexpr double kSigmaOfMedian = 1.482602218505602;
constexpr double kErrorOfMedian = 1.17;

// The stage with the weights of priors on poses and shapes times kWeakened^2.
Stage WithWeakPriors(const Stage& stage) {
  return WithScaledWeights(stage, kWeakened * kWeakened, [](const TermInfo& term) {
    return term.source == TermSource::kPose || term.source == TermSource::kPrediction ||
           term.source == TermSource::kShape;
  });
}

Stage KeypointsOnly(const Stage& stage, Robust robust) {
  Stage keypoints;
  keypoints.reprojection = stage.reprojection;
  keypoints.reprojection.robust = robust;
  return keypoints;
}

// For each row of the reprojection term: residual units per pixel, and the keypoint's confidence.
struct Rows {
  Eigen::VectorXd units, confidences;
  std::vector<KeypointRole> roles;
};

// The numbers of the rows whose keypoints are of a group.
template <typename IsOfGroup>
std::vector<Eigen::Index> Select(const std::vector<KeypointRole>& roles, const IsOfGroup& is_of_group) {
  std::vector<Eigen::Index> rows;
  for (size_t i = 0; i < roles.size(); ++i)
    if (is_of_group(roles[i])) rows.push_back(static_cast<Eigen::Index>(i));
  return rows;
}

bool IsOfBody(KeypointRole role) { return IsTorso(role) || role == KeypointRole::kLimb; }

Rows RowsOf(const Stage& stage, const Scene& scene, const InitialPlace& place) {
  constexpr int kRows = Reprojection<Pinhole>::kNumResiduals;
  std::vector<double> units, confidences;
  std::vector<KeypointRole> roles;
  for (const size_t v : scene.ViewsWithKeypoints()) {
    const View& view = scene.views[v];
    const double unit = UnitOf(stage.reprojection, place.pixels_per_metre[static_cast<Eigen::Index>(v)]);
    for (const auto& [k, weight] : WeightedKeypoints(stage.reprojection, view)) {
      units.insert(units.end(), kRows, unit);
      confidences.insert(confidences.end(), kRows, view.confidence[k]);
      roles.insert(roles.end(), kRows, view.roles[static_cast<size_t>(k)]);
    }
  }
  const auto size = static_cast<Eigen::Index>(units.size());
  return {Eigen::Map<Eigen::VectorXd>(units.data(), size),
          Eigen::Map<Eigen::VectorXd>(confidences.data(), size),
          std::move(roles)};
}

}  // namespace

std::optional<Noise> EstimateNoise(const Stage& stage, const Scene& scene, const State& state) {
  if (!(stage.reprojection.weight > 0.0)) return std::nullopt;
  State at = state;
  at.variables.Recentre();
  const Objective robust(KeypointsOnly(stage, stage.reprojection.robust), scene, at);
  const Objective plain(KeypointsOnly(stage, Robust::kNone), scene, at);
  const Objective weakened(WithWeakPriors(stage), scene, at);
  BodyEquations equations(weakened, at.variables);
  Eigen::VectorXd residuals, plain_residuals, gradient, diagonal;
  RowMatrix jacobian, plain_jacobian;
  double cost = 0.0;
  const auto [units, confidences, roles] = RowsOf(stage, scene, state.place);
  if (units.size() == 0 || !robust.Evaluate(at.variables, &residuals, &jacobian) ||
      !plain.Evaluate(at.variables, &plain_residuals, &plain_jacobian) ||
      !equations.Linearize(equations.Start(), &cost, &gradient, &diagonal))
    return std::nullopt;
  Eigen::MatrixXd H = equations.hessian();
  H.diagonal() *= 1.0 + 1e-9;
  H.diagonal().array() += 1e-9;  // for unconstrained parameters
  const Eigen::LLT<Eigen::MatrixXd> cholesky(H);
  if (cholesky.info() != Eigen::Success) return std::nullopt;
  const Eigen::VectorXd step = cholesky.solve(-gradient);

  std::vector<Eigen::Index> free;
  const std::vector<bool> is_free = weakened.free().Columns();
  for (size_t i = 0; i < is_free.size(); ++i)
    if (is_free[i]) free.push_back(static_cast<Eigen::Index>(i));
  const std::vector<Eigen::Index> keypoints = robust.RowsOf(kReprojectionTerm);
  const Eigen::MatrixXd whitened = cholesky.matrixL().solve(jacobian(keypoints, free).transpose());
  const Eigen::VectorXd variance =
      (1.0 - whitened.colwise().squaredNorm().transpose().array()).max(1e-3).min(1.0);
  const Eigen::VectorXd predicted = plain_residuals(keypoints) + plain_jacobian(keypoints, free) * step;
  const Eigen::VectorXd errors =
      predicted.cwiseAbs().cwiseQuotient(units) / std::sqrt(stage.reprojection.weight);
  const Eigen::VectorXd m = confidences.array() * variance.array().square();
  const Eigen::VectorXd scaled = errors.array() / variance.array().sqrt();
  const auto sigma_of = [&](const std::vector<Eigen::Index>& rows) {
    return kSigmaOfMedian * WeightedMedian(scaled(rows), m(rows));
  };
  Noise noise;
  std::vector<Eigen::Index> body = Select(roles, IsOfBody);
  if (body.size() < kMinRows) body = Select(roles, [](KeypointRole) { return true; });
  const auto hand = Select(roles, [](KeypointRole role) { return role == KeypointRole::kHand; });
  const auto face = Select(roles, [](KeypointRole role) { return role == KeypointRole::kFace; });
  noise.sigma_px = sigma_of(body);
  noise.standard_error = kErrorOfMedian * m(body).norm() / m(body).sum();
  if (hand.size() >= kMinRows) noise.hand_px = sigma_of(hand);
  if (face.size() >= kMinRows) noise.face_px = sigma_of(face);
  noise.unit = units.mean();
  if (!std::isfinite(noise.sigma_px)) return std::nullopt;
  return noise;
}

double Balance(const Stage& stage, const Noise& noise) {
  if (!(stage.reference_noise > 0.0)) return 1.0;
  const double l = std::log(std::max(noise.sigma_px * noise.unit / stage.reference_noise, 1e-9));
  const double excess = std::max(std::abs(l) - noise.standard_error, 0.0);
  return std::clamp(std::exp(std::copysign(excess, l)), kMinBalance, kMaxBalance);
}

Stage WithGroupWeights(Stage stage, const Noise& noise) {
  const auto factor = [&](double sigma_px) {
    return sigma_px > 0.0 ? std::clamp(noise.sigma_px / sigma_px, 1.0 / kMaxGroupWeight, kMaxGroupWeight)
                          : 1.0;
  };
  stage.reprojection.hand_weight *= factor(noise.hand_px);
  stage.reprojection.face_weight *= factor(noise.face_px);
  stage.reprojection.contour_weight *= factor(noise.face_px);
  return stage;
}

Stage BalancedFor(const Stage& stage, double f) {
  return WithScaledWeights(stage, f * f, [](const TermInfo& term) {
    return term.source != TermSource::kImage && term.source != TermSource::kCollision;
  });
}

}  // namespace smplceres
