#include "smplceres/fit/single/run_stages.h"

#include <utility>

#include "smplceres/equations/body_equations.h"
#include "smplceres/fit/single/turned_wrists.h"
#include "smplceres/objective/objective.h"
#include "smplceres/solve/ceres_solver.h"
#include "smplceres/solve/choose.h"
#include "smplceres/solve/levenberg_marquardt.h"

namespace smplceres {
namespace {

// The result of a solve; energies are by term.
struct Solved {
  Summary summary;
  Variables variables;
  std::map<std::string, double> initial_energies, energies;
};

Solved SolveCeresProblem(const Objective& objective,
                         const SolverOptions& options,
                         double max_time,
                         const Interrupted& interrupted,
                         const Variables& from) {
  Solved solved{{}, from, objective.Energies(from), {}};
  ceres::Problem problem(CeresProblemOptions());
  objective.AddTo(&problem, solved.variables.blocks());
  solved.summary = SolveByCeres(options, Structure{}, max_time, interrupted, &problem);
  solved.energies = objective.Energies(solved.variables);
  return solved;
}

Solved SolveNormalEquations(const Objective& objective,
                            const SolverOptions& options,
                            double max_time,
                            const Interrupted& interrupted,
                            const Variables& from) {
  BodyEquations equations(objective, from);
  Eigen::VectorXd x = equations.Start();
  Summary summary = LevenbergMarquardt(options, max_time, interrupted, &equations, &x);
  return {std::move(summary), equations.At(x), equations.InitialEnergies(), equations.EnergiesAt(x)};
}

// Solves a stage once, with terms assembled at fit->state.variables, which a failed solve leaves unchanged.
// initial_energies: receives the energies before the solve; may be null.
Summary SolveObjective(const Stage& stage,
                       const Scene& scene,
                       double max_time,
                       const Interrupted& interrupted,
                       std::map<std::string, double>* initial_energies,
                       Fit* fit) {
  const Stopwatch stopwatch;
  fit->state.variables.Recentre();
  const Objective objective(stage, scene, fit->state);
  Structure structure;
  structure.is_bounded = objective.is_bounded();
  const auto solve =
      Choose(stage.solver, structure) == Method::kNormalEquations ? SolveNormalEquations : SolveCeresProblem;
  Solved solved = solve(objective, stage.solver, max_time, interrupted, fit->state.variables);
  if (initial_energies != nullptr) *initial_energies = solved.initial_energies;
  if (solved.summary.usable() && solved.variables.AllFinite()) {
    fit->state.variables = std::move(solved.variables);
    fit->energies = std::move(solved.energies);
  } else {
    fit->energies = std::move(solved.initial_energies);
  }
  solved.summary.time = stopwatch.Seconds();
  return std::move(solved.summary);
}

// Solves the stage again from better hands, if there are any, and keeps the cheaper solution. first: of the
// solve that led to fit->state.
Summary SolveTurned(const Stage& stage,
                    const Scene& scene,
                    double max_time,
                    const Interrupted& interrupted,
                    Summary first,
                    Fit* fit) {
  const Stopwatch stopwatch;
  if (!first.usable() || !(first.time < max_time)) return first;
  std::optional<Variables> better = WithBetterHands(stage, scene, fit->state, interrupted);
  if (!better) return first;
  Fit other = *fit;
  other.state.variables = std::move(*better);
  Summary summary = SolveObjective(stage, scene, max_time - first.time, interrupted, nullptr, &other);
  const double time = first.time + stopwatch.Seconds();
  const bool is_cheaper = summary.usable() && other.cost() < fit->cost();
  if (is_cheaper) *fit = std::move(other);
  Summary kept = std::move(is_cheaper ? summary : first);
  kept.time = time;
  return kept;
}

}  // namespace

double TotalOf(const std::map<std::string, double>& energies) {
  if (energies.empty()) return std::numeric_limits<double>::infinity();
  double total = 0.0;
  for (const auto& [name, energy] : energies) total += energy;
  return total;
}

double Fit::cost() const { return TotalOf(energies); }

Fit RunStages(const Scene& scene, const FitOptions& options, const State& start, const Stopwatch& stopwatch) {
  Fit fit(start);
  fit.start = start.variables;
  const auto solve_once =
      [&](const Stage& stage, double max_time, std::map<std::string, double>* initial_energies) {
        return SolveObjective(stage, scene, max_time, options.interrupted, initial_energies, &fit);
      };
  const auto solve_best =
      [&](const Stage& stage, double max_time, std::map<std::string, double>* initial_energies) {
        const Summary summary = solve_once(stage, max_time, initial_energies);
        return stage.turned_wrists ? SolveTurned(stage, scene, max_time, options.interrupted, summary, &fit)
                                   : summary;
      };
  const auto end_of_stage = [&](const Stage& stage) {
    fit.stages.back().variables = fit.state.variables;
    fit.last_stage = stage;
  };
  SolveStages(options.stages, options.max_time, stopwatch, solve_best, end_of_stage, &fit);
  return fit;
}

std::optional<Noise> NoiseToBalanceBy(const Scene& scene, const FitOptions& options, const Fit& fit) {
  const Stage& stage = options.stages.back();
  if (!(stage.reference_noise > 0.0) || fit.interrupted || fit.completed() != options.stages.size())
    return std::nullopt;
  return EstimateNoise(stage, scene, fit.state);
}

void BalanceByNoise(
    Noise noise, const Scene& scene, const FitOptions& options, const Stopwatch& stopwatch, Fit* fit) {
  if (fit->interrupted) return;
  const Stage& stage = options.stages.back();
  if (options.sigma_px > 0.0) {
    noise.sigma_px = options.sigma_px;
    noise.standard_error = 0.0;
  }
  fit->sigma_px = noise.sigma_px;
  const double f = Balance(stage, noise);
  const double remaining = options.max_time - stopwatch.Seconds();
  const bool has_groups = noise.hand_px > 0.0 || noise.face_px > 0.0;
  if ((f == 1.0 && !has_groups) || !(remaining > 0.0)) return;
  fit->last_stage = BalancedFor(WithGroupWeights(stage, noise), f);
  std::map<std::string, double> initial_energies;
  Summary summary =
      SolveObjective(fit->last_stage, scene, remaining, options.interrupted, &initial_energies, fit);
  fit->SetTermination(stage, summary);
  fit->stages.back().Append(
      {stage.name, std::move(summary), std::move(initial_energies), fit->energies, fit->state.variables});
}

}  // namespace smplceres
