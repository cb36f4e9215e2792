#include "smplceres/fit/run_stages.h"

#include <utility>

#include "smplceres/problem/body_equations.h"
#include "smplceres/solve/normal_equations.h"

namespace smplceres {
namespace {

bool Finite(const Variables& variables) {
  return variables.frame.allFinite() && variables.betas.allFinite() && variables.log_zoom.allFinite() &&
         variables.camera_motion.allFinite();
}

// Where a solve began and ended; the energies are by term.
struct Solved {
  Summary summary;
  Variables variables;
  std::map<std::string, double> initial_energies, energies;
};

Solved SolveByCeres(const Objective& objective,
                    const SolverOptions& options,
                    double max_time,
                    const Interrupted& interrupted,
                    const Variables& from) {
  Solved solved{{}, from, objective.Energies(from), {}};
  ceres::Problem::Options problem_options;
  problem_options.cost_function_ownership = ceres::DO_NOT_TAKE_OWNERSHIP;
  problem_options.disable_all_safety_checks = true;  // blocks are distinct by construction
  ceres::Problem problem(problem_options);
  objective.AddTo(&problem, solved.variables.blocks());
  solved.summary = Solve(options, Structure{}, max_time, interrupted, &problem);
  solved.energies = objective.Energies(solved.variables);
  return solved;
}

Solved SolveByNormalEquations(const Objective& objective,
                              const SolverOptions& options,
                              double max_time,
                              const Interrupted& interrupted,
                              const Variables& from) {
  BodyEquations equations(objective, from);
  Eigen::VectorXd x = equations.Start();
  Summary summary = SolveNormalEquations(options, max_time, interrupted, &equations, &x);
  return {std::move(summary), equations.At(x), equations.InitialEnergies(), equations.EnergiesAt(x)};
}

// Solves a stage once, its terms made at fit->variables; a solve that fails leaves those as they were.
// `initial_energies`: by term before the solve, or null.
Summary SolveOnce(const Stage& stage,
                  const Observations& observations,
                  const Priors& priors,
                  double max_time,
                  const Interrupted& interrupted,
                  std::map<std::string, double>* initial_energies,
                  Fit* fit) {
  const Stopwatch stopwatch;
  fit->variables.Recentre();
  const Objective objective(stage, observations, priors, fit->place, fit->variables);
  const bool ours = AskForNormalEquations(stage.solver) && !objective.is_bounded();
  Solved solved = (ours ? SolveByNormalEquations : SolveByCeres)(
      objective, stage.solver, max_time, interrupted, fit->variables);
  if (initial_energies != nullptr) *initial_energies = solved.initial_energies;
  if (solved.summary.usable() && Finite(solved.variables)) {
    fit->variables = std::move(solved.variables);
    fit->energies = std::move(solved.energies);
  } else {
    fit->energies = std::move(solved.initial_energies);
  }
  solved.summary.time = stopwatch.Seconds();
  return std::move(solved.summary);
}

// All rounds of a stage, reported as one solve; its energies before the first.
Summary SolveStage(const Stage& stage,
                   const Observations& observations,
                   const Priors& priors,
                   const FitOptions& options,
                   const Stopwatch& stopwatch,
                   std::map<std::string, double>* initial_energies,
                   Fit* fit) {
  Summary whole;
  for (int round = 0; round < stage.rounds; ++round) {
    const double remaining = options.max_time - stopwatch.Seconds();
    if (round > 0 && !(remaining > 0.0)) break;
    Summary summary = SolveOnce(stage,
                                observations,
                                priors,
                                remaining,
                                options.interrupted,
                                round == 0 ? initial_energies : nullptr,
                                fit);
    if (round > 0) {
      summary.initial_cost = whole.initial_cost;
      summary.CountEarlier(std::move(whole));
    }
    whole = std::move(summary);
    if (!whole.usable()) break;
  }
  return whole;
}

}  // namespace

void StageSummary::GoOn(StageSummary next) {
  next.summary.CountEarlier(std::move(summary));
  *this = std::move(next);
}

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
  fit.start = start.variables;
  for (const Stage& stage : options.stages) {
    if (!(options.max_time - stopwatch.Seconds() > 0.0)) {
      fit.converged = false;
      fit.message = "stopped by max_time before stage " + stage.name;
      break;
    }
    std::map<std::string, double> initial_energies;
    Summary summary = SolveStage(stage, observations, priors, options, stopwatch, &initial_energies, &fit);
    fit.converged = summary.converged();
    fit.message = stage.name + ": " + summary.message;
    fit.interrupted = summary.termination_type == "USER_FAILURE";
    fit.stages.push_back(
        {stage.name, std::move(summary), std::move(initial_energies), fit.energies, fit.variables});
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
  std::map<std::string, double> initial_energies;
  Summary summary = SolveOnce(
      fit->last_stage, observations, priors, remaining, options.interrupted, &initial_energies, fit);
  fit->converged = summary.converged();
  fit->message = stage.name + ": " + summary.message;
  fit->interrupted = summary.termination_type == "USER_FAILURE";
  fit->stages.back().GoOn(
      {stage.name, std::move(summary), std::move(initial_energies), fit->energies, fit->variables});
}

}  // namespace smplceres
