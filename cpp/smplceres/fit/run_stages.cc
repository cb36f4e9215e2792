#include "smplceres/fit/run_stages.h"

#include <utility>

namespace smplceres {
namespace {

bool Finite(const Variables& variables) {
  return variables.frame.allFinite() && variables.betas.allFinite() && variables.log_zoom.allFinite() &&
         variables.camera_motion.allFinite();
}

// Solves a stage once, its terms made at fit->variables; a solve that fails leaves those as they were.
Summary SolveOnce(const Stage& stage,
                  const Observations& observations,
                  const Priors& priors,
                  double max_time,
                  const Interrupted& interrupted,
                  Fit* fit) {
  const Stopwatch stopwatch;
  fit->variables.Recentre();
  Variables solved = fit->variables;
  const Objective objective(stage, observations, priors, fit->place, solved);
  ceres::Problem::Options problem_options;
  problem_options.cost_function_ownership = ceres::DO_NOT_TAKE_OWNERSHIP;
  problem_options.disable_all_safety_checks = true;  // blocks are distinct by construction
  ceres::Problem problem(problem_options);
  objective.AddTo(&problem, solved.blocks());
  Summary summary = Solve(stage.solver, Structure{}, max_time, interrupted, &problem);
  if (summary.usable() && Finite(solved)) fit->variables = solved;
  fit->energies = objective.Energies(fit->variables);
  summary.time = stopwatch.Seconds();
  return summary;
}

// All rounds of a stage, reported as one solve.
Summary SolveStage(const Stage& stage,
                   const Observations& observations,
                   const Priors& priors,
                   const FitOptions& options,
                   const Stopwatch& stopwatch,
                   Fit* fit) {
  Summary whole;
  for (int round = 0; round < stage.rounds; ++round) {
    const double remaining = options.max_time - stopwatch.Seconds();
    if (round > 0 && !(remaining > 0.0)) break;
    Summary summary = SolveOnce(stage, observations, priors, remaining, options.interrupted, fit);
    if (round > 0) {
      summary.initial_cost = whole.initial_cost;
      summary.num_iterations += whole.num_iterations;
      summary.time += whole.time;
    }
    whole = std::move(summary);
    if (!whole.usable()) break;
  }
  return whole;
}

}  // namespace

double TotalOf(const std::map<std::string, double>& energies) {
  if (energies.empty()) return std::numeric_limits<double>::infinity();
  double total = 0.0;
  for (const auto& [name, energy] : energies) total += energy;
  return total;
}

double Fit::cost() const { return TotalOf(energies); }

Fit RunStages(const Observations& observations,
              const Priors& priors,
              const FitOptions& options,
              const Start& start,
              const Stopwatch& stopwatch) {
  Fit fit{start.variables, start.place};
  for (const Stage& stage : options.stages) {
    if (!(options.max_time - stopwatch.Seconds() > 0.0)) {
      fit.converged = false;
      fit.message = "stopped by max_time before stage " + stage.name;
      break;
    }
    Summary summary = SolveStage(stage, observations, priors, options, stopwatch, &fit);
    fit.converged = summary.converged();
    fit.message = stage.name + ": " + summary.message;
    fit.interrupted = summary.termination_type == "USER_FAILURE";
    fit.stages.push_back({stage.name, std::move(summary)});
    fit.last_stage = stage;
    if (fit.interrupted) break;
  }
  return fit;
}

std::optional<Noise> NoiseToBalanceBy(const Observations& observations,
                                      const Priors& priors,
                                      const FitOptions& options,
                                      const Fit& fit) {
  const Stage& stage = options.stages.back();
  if (!(stage.reference_noise > 0.0) || fit.interrupted || fit.stages.size() != options.stages.size())
    return std::nullopt;
  return EstimateNoise(stage, observations, priors, fit.place, fit.variables);
}

void BalanceByNoise(Noise noise,
                    const Observations& observations,
                    const Priors& priors,
                    const FitOptions& options,
                    const Stopwatch& stopwatch,
                    Fit* fit) {
  if (fit->interrupted) return;
  const Stage& stage = options.stages.back();
  if (options.sigma_px > 0.0) {
    noise.sigma_px = options.sigma_px;
    noise.standard_error = 0.0;
  }
  fit->sigma_px = noise.sigma_px;
  const double f = Balance(stage, noise);
  const double remaining = options.max_time - stopwatch.Seconds();
  if (f == 1.0 || !(remaining > 0.0)) return;
  fit->last_stage = Balanced(stage, f);
  Summary summary = SolveOnce(fit->last_stage, observations, priors, remaining, options.interrupted, fit);
  Summary& whole = fit->stages.back().summary;
  summary.num_iterations += whole.num_iterations;
  summary.time += whole.time;
  fit->converged = summary.converged();
  fit->message = stage.name + ": " + summary.message;
  fit->interrupted = summary.termination_type == "USER_FAILURE";
  whole = std::move(summary);
}

}  // namespace smplceres
