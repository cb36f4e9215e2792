#include "smplceres/solve/ceres_solver.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "ceres/iteration_callback.h"
#include "ceres/ordered_groups.h"
#include "ceres/solver.h"

namespace smplceres {
namespace {

// Tolerance of the conjugate gradients of ITERATIVE_SCHUR. The reduced system is small (shape and cameras),
// and an inexact step costs a whole extra evaluation.
constexpr double kInnerTolerance = 1e-6;

class StopWhenInterrupted final : public ceres::IterationCallback {
 public:
  explicit StopWhenInterrupted(const Interrupted& interrupted) : interrupted_(interrupted) {}

  ceres::CallbackReturnType operator()(const ceres::IterationSummary&) override {
    return interrupted_() ? ceres::SOLVER_ABORT : ceres::SOLVER_CONTINUE;
  }

 private:
  const Interrupted& interrupted_;
};

ceres::LinearSolverType LinearSolver(const std::string& name, Structure::Kind kind) {
  if (name == "auto")
    return kind == Structure::kSingleFrame ? ceres::DENSE_NORMAL_CHOLESKY : ceres::SPARSE_NORMAL_CHOLESKY;
  ceres::LinearSolverType type;
  if (!ceres::StringToLinearSolverType(name, &type))
    throw std::invalid_argument(
        "linear_solver: expected auto, DENSE_NORMAL_CHOLESKY, DENSE_QR, SPARSE_NORMAL_CHOLESKY, DENSE_SCHUR, "
        "SPARSE_SCHUR, ITERATIVE_SCHUR or CGNR, got " +
        name);
  return type;
}

ceres::Solver::Options CeresOptions(const SolverOptions& options,
                                    const Structure& structure,
                                    const ceres::Problem& problem,
                                    double max_time) {
  if (options.max_iterations < 0)
    throw std::invalid_argument("max_iterations: expected a number >= 0, got " +
                                std::to_string(options.max_iterations));
  ceres::Solver::Options ceres_options;
  if (options.minimizer == Minimizer::kLbfgs) {
    ceres_options.minimizer_type = ceres::LINE_SEARCH;
    ceres_options.line_search_direction_type = ceres::LBFGS;
    ceres_options.line_search_type = ceres::WOLFE;
  } else {
    ceres_options.minimizer_type = ceres::TRUST_REGION;
    ceres_options.trust_region_strategy_type =
        options.minimizer == Minimizer::kDogleg ? ceres::DOGLEG : ceres::LEVENBERG_MARQUARDT;
  }
  ceres_options.linear_solver_type = LinearSolver(options.linear_solver, structure.kind);
  if (ceres::IsSchurType(ceres_options.linear_solver_type) && !structure.frames.empty()) {
    auto ordering = std::make_shared<ceres::ParameterBlockOrdering>();
    std::vector<double*> blocks;
    problem.GetParameterBlocks(&blocks);
    for (double* block : blocks) ordering->AddElementToGroup(block, 1);
    for (double* frame : structure.frames) ordering->AddElementToGroup(frame, 0);
    ceres_options.linear_solver_ordering = std::move(ordering);
  }
  ceres_options.eta = kInnerTolerance;
  ceres_options.dense_linear_algebra_library_type = ceres::EIGEN;
  ceres_options.max_num_iterations = options.max_iterations;
  ceres_options.function_tolerance = options.function_tolerance;
  ceres_options.gradient_tolerance = options.gradient_tolerance;
  ceres_options.parameter_tolerance = options.parameter_tolerance;
  ceres_options.initial_trust_region_radius = options.initial_trust_region_radius;
  ceres_options.max_solver_time_in_seconds = std::min(max_time, 1e9);
  ceres_options.num_threads = options.num_threads;
  ceres_options.logging_type = ceres::SILENT;
  std::string error;
  if (!ceres_options.IsValid(&error)) throw std::invalid_argument("solver options: " + error);
  return ceres_options;
}

const char* Name(Minimizer minimizer) {
  switch (minimizer) {
    case Minimizer::kDogleg:
      return "dogleg";
    case Minimizer::kLbfgs:
      return "lbfgs";
    case Minimizer::kLevenbergMarquardt:
      break;
  }
  return "lm";
}

}  // namespace

ceres::Problem::Options CeresProblemOptions() {
  ceres::Problem::Options options;
  options.cost_function_ownership = ceres::DO_NOT_TAKE_OWNERSHIP;
  options.disable_all_safety_checks = true;  // parameter blocks are distinct by construction
  return options;
}

Summary SolveByCeres(const SolverOptions& options,
                     const Structure& structure,
                     double max_time,
                     const Interrupted& interrupted,
                     ceres::Problem* problem) {
  ceres::Solver::Options ceres_options = CeresOptions(options, structure, *problem, max_time);
  StopWhenInterrupted callback(interrupted);
  if (interrupted) ceres_options.callbacks.push_back(&callback);

  ceres::Solver::Summary report;
  ceres::Solve(ceres_options, problem, &report);

  Summary summary;
  summary.initial_cost = report.initial_cost < 0.0 ? -1.0 : 2.0 * report.initial_cost;
  summary.final_cost = report.final_cost < 0.0 ? -1.0 : 2.0 * report.final_cost;
  summary.num_iterations = std::max(0, static_cast<int>(report.iterations.size()) - 1);
  for (const ceres::IterationSummary& iteration : report.iterations) {
    const double cost = 2.0 * iteration.cost;  // of the candidate, also if the step is rejected
    if (summary.costs.empty()) summary.costs.emplace_back();
    std::vector<double>& costs = summary.costs.back();
    costs.push_back(costs.empty() ? cost : std::min(costs.back(), cost));
  }
  summary.num_residuals = report.num_residuals_reduced;
  summary.num_parameters = report.num_effective_parameters_reduced;
  summary.termination_type = ceres::TerminationTypeToString(report.termination_type);
  summary.message = report.message;
  summary.minimizer = Name(options.minimizer);
  summary.jacobian = options.jacobian == JacobianMethod::kFast ? "fast" : "autodiff";
  if (options.minimizer != Minimizer::kLbfgs)
    summary.linear_solver = ceres::LinearSolverTypeToString(report.linear_solver_type_used);
  summary.time = report.total_time_in_seconds;
  return summary;
}

}  // namespace smplceres
