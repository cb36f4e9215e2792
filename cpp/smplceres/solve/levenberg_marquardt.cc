#include "smplceres/solve/levenberg_marquardt.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>

#include "smplceres/base/stopwatch.h"

namespace smplceres {
namespace {

// Ceres' defaults.
constexpr double kMinDiagonal = 1e-6;
constexpr double kMaxDiagonal = 1e32;
constexpr double kMinRadius = 1e-32;
constexpr double kMaxRadius = 1e16;
constexpr double kMinQuality = 1e-3;
constexpr int kMaxInvalidSteps = 5;

class TrustRegion {
 public:
  explicit TrustRegion(double radius) : radius_(radius) {}

  double radius() const { return radius_; }

  // quality: decrease of the cost / decrease that the quadratic model predicts.
  void Accept(double quality) {
    radius_ = std::min(radius_ / std::max(1.0 / 3.0, 1.0 - std::pow(2.0 * quality - 1.0, 3)), kMaxRadius);
    decrease_ = 2.0;
  }

  void Reject() {
    radius_ /= decrease_;
    decrease_ *= 2.0;
  }

 private:
  double radius_;
  double decrease_ = 2.0;
};

// The normal equations at the current x, and their damped steps.
class DampedEquations {
 public:
  explicit DampedEquations(NormalEquations* equations) : equations_(*equations) {}

  // False if the cost cannot be evaluated at x.
  bool Linearize(const Eigen::VectorXd& x, double* cost) {
    if (!equations_.Linearize(x, cost, &gradient_, &diagonal_)) return false;
    if (!std::isfinite(*cost) || !gradient_.allFinite() || !diagonal_.allFinite()) return false;
    Eigen::VectorXd downhill = x - gradient_;
    equations_.Project(&downhill);
    max_gradient_ = (x - downhill).lpNorm<Eigen::Infinity>();
    if (squared_scale_.size() == 0)
      squared_scale_ = (1.0 + diagonal_.array().sqrt()).square().inverse().matrix();
    diagonal_ = diagonal_.cwiseProduct(squared_scale_)
                    .cwiseMax(kMinDiagonal)
                    .cwiseMin(kMaxDiagonal)
                    .cwiseQuotient(squared_scale_);
    return true;
  }

  double max_gradient() const { return max_gradient_; }

  // The decrease of the cost that the quadratic model predicts; not positive, or NaN, if there is no step.
  double Step(double radius, Eigen::VectorXd* delta) {
    damping_ = diagonal_ / radius;
    if (!equations_.Solve(damping_, delta)) return 0.0;
    // -d.(g + H d / 2), and H d = -g - D / (r S^2) d.
    return 0.5 * (delta->cwiseAbs2().dot(damping_) - delta->dot(gradient_));
  }

 private:
  NormalEquations& equations_;
  Eigen::VectorXd gradient_, damping_;
  Eigen::VectorXd squared_scale_;  // S^2
  Eigen::VectorXd diagonal_;       // D / S^2
  double max_gradient_ = 0.0;
};

void CheckAtLeastZero(const char* name, double value) {
  if (!(value >= 0.0))
    throw std::invalid_argument(std::string(name) + ": expected a number >= 0, got " + std::to_string(value));
}

void Check(const SolverOptions& options) {
  CheckAtLeastZero("max_iterations", options.max_iterations);
  CheckAtLeastZero("function_tolerance", options.function_tolerance);
  CheckAtLeastZero("gradient_tolerance", options.gradient_tolerance);
  CheckAtLeastZero("parameter_tolerance", options.parameter_tolerance);
  if (!(options.initial_trust_region_radius > 0.0))
    throw std::invalid_argument("initial_trust_region_radius: expected a number > 0, got " +
                                std::to_string(options.initial_trust_region_radius));
}

void End(const char* termination_type, const std::string& message, Summary* summary) {
  summary->termination_type = termination_type;
  summary->message = message;
}

void EndByTolerance(const char* what, double value, double tolerance, Summary* summary) {
  std::ostringstream message;
  message << what << " reached: " << value << " <= " << tolerance;
  End("CONVERGENCE", message.str(), summary);
}

}  // namespace

Summary LevenbergMarquardt(const SolverOptions& options,
                           double max_time,
                           const Interrupted& interrupted,
                           NormalEquations* equations,
                           Eigen::VectorXd* x) {
  const Stopwatch stopwatch;
  Check(options);
  Summary summary;
  summary.initial_cost = summary.final_cost = -1.0;
  summary.num_residuals = equations->num_residuals();
  summary.num_parameters = equations->num_parameters();
  summary.minimizer = "lm";
  summary.jacobian = options.jacobian == JacobianMethod::kFast ? "fast" : "autodiff";
  summary.linear_solver = equations->name();

  equations->Project(x);
  DampedEquations damped(equations);
  TrustRegion region(options.initial_trust_region_radius);
  double cost = 0.0;
  if (!damped.Linearize(*x, &cost)) {
    End("FAILURE", "The start cannot be evaluated", &summary);
    return summary;
  }
  summary.initial_cost = 2.0 * cost;
  summary.costs.push_back({2.0 * cost});

  Eigen::VectorXd delta, candidate;
  double x_norm = x->norm();
  int invalid = 0;
  while (summary.termination_type.empty()) {
    if (interrupted && interrupted()) {
      End("USER_FAILURE", "Interrupted", &summary);
    } else if (stopwatch.Seconds() >= max_time) {
      End("NO_CONVERGENCE", "Maximum time reached", &summary);
    } else if (summary.num_iterations >= options.max_iterations) {
      End("NO_CONVERGENCE", "Maximum number of iterations reached", &summary);
    } else if (damped.max_gradient() <= options.gradient_tolerance) {
      EndByTolerance("Gradient tolerance", damped.max_gradient(), options.gradient_tolerance, &summary);
    } else if (region.radius() <= kMinRadius) {
      EndByTolerance("Minimum trust region radius", region.radius(), kMinRadius, &summary);
    }
    if (!summary.termination_type.empty()) break;

    ++summary.num_iterations;
    const double expected = damped.Step(region.radius(), &delta);
    if (!(expected > 0.0) || !delta.allFinite()) {
      if (++invalid >= kMaxInvalidSteps) End("FAILURE", "No step lowers the model", &summary);
      region.Reject();
      summary.costs.back().push_back(2.0 * cost);
      continue;
    }
    invalid = 0;
    candidate = *x + delta;
    equations->Project(&candidate);
    double candidate_cost = 0.0;
    if (!equations->Cost(candidate, &candidate_cost) || !std::isfinite(candidate_cost))
      candidate_cost = std::numeric_limits<double>::max();
    const double change = cost - candidate_cost;
    const double shortest = options.parameter_tolerance * (x_norm + options.parameter_tolerance);
    const double step = (candidate - *x).norm();
    if (step <= shortest) {
      EndByTolerance("Parameter tolerance", step / x_norm, options.parameter_tolerance, &summary);
    } else if (std::abs(change) <= options.function_tolerance * cost) {
      EndByTolerance("Function tolerance", std::abs(change) / cost, options.function_tolerance, &summary);
    }
    const bool ends = !summary.termination_type.empty();
    if (ends ? change > 0.0 : change > kMinQuality * expected) {
      x->swap(candidate);
      cost = candidate_cost;
      if (!ends) {
        x_norm = x->norm();
        region.Accept(change / expected);
        // No step follows the last one, so its end needs no linearization.
        if (summary.num_iterations < options.max_iterations && !damped.Linearize(*x, &cost))
          End("FAILURE", "The accepted step cannot be evaluated", &summary);
      }
    } else if (!ends) {
      region.Reject();
    }
    summary.costs.back().push_back(2.0 * cost);
  }
  summary.final_cost = 2.0 * cost;
  summary.time = stopwatch.Seconds();
  return summary;
}

}  // namespace smplceres
