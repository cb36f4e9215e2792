#include "smplceres/fit/sequence.h"

#include <cmath>
#include <stdexcept>
#include <utility>

#include "smplceres/problem/frames_equations.h"
#include "smplceres/solve/normal_equations.h"
#include "smplceres/solve/stopwatch.h"

namespace smplceres {
namespace {

// All frames get the first's betas and zooms.
void Share(std::vector<Variables>* frames) {
  for (Variables& frame : *frames) {
    frame.betas = frames->front().betas;
    frame.log_zoom = frames->front().log_zoom;
    frame.camera_motion = frames->front().camera_motion;
  }
}

bool Finite(const std::vector<Variables>& frames) {
  for (const Variables& frame : frames)
    if (!frame.frame.allFinite() || !frame.betas.allFinite() || !frame.log_zoom.allFinite() ||
        !frame.camera_motion.allFinite())
      return false;
  return true;
}

// Moves the variables to a solution of the objective.
Summary SolveFor(const SequenceObjective& objective,
                 const SolverOptions& solver,
                 const SequenceOptions& options,
                 double max_time,
                 std::vector<Variables>* solved) {
  const bool independent = !objective.coupled() && options.shared;
  if (independent && AskForNormalEquations(solver)) {
    FramesEquations equations(objective, *solved, options.held);
    Eigen::VectorXd x = equations.Start();
    Summary summary = SolveNormalEquations(solver, max_time, options.interrupted, &equations, &x);
    *solved = equations.At(x);
    return summary;
  }
  ceres::Problem::Options problem_options;
  problem_options.cost_function_ownership = ceres::DO_NOT_TAKE_OWNERSHIP;
  problem_options.disable_all_safety_checks = true;  // blocks are distinct by construction
  ceres::Problem problem(problem_options);
  objective.AddTo(&problem, solved, options.held, options.shared);
  Structure structure;
  structure.kind = independent ? Structure::kFrames : Structure::kChain;
  if (independent)
    for (Variables& frame : *solved) structure.frames.push_back(frame.frame.data());
  Summary summary = Solve(solver, structure, max_time, options.interrupted, &problem);
  Share(solved);
  return summary;
}

Summary SolveOnce(const Stage& stage,
                  const std::vector<Observations>& observations,
                  const std::vector<double>& times,
                  const Priors& priors,
                  const SequenceOptions& options,
                  const std::vector<InitialPlace>& places,
                  double max_time,
                  std::map<std::string, double>* initial_energies,
                  SequenceFit* fit) {
  for (Variables& frame : fit->frames) frame.Recentre();
  std::vector<Variables> solved = fit->frames;
  const SequenceObjective objective(stage, observations, times, priors, places, solved);
  *initial_energies = objective.Energies(fit->frames);
  Summary summary = SolveFor(objective, stage.solver, options, max_time, &solved);
  if (summary.usable() && Finite(solved)) fit->frames = std::move(solved);
  fit->energies = objective.Energies(fit->frames);
  return summary;
}

}  // namespace

SequenceFit FitSequence(const std::vector<Observations>& frames,
                        const std::vector<double>& times,
                        const Priors& priors,
                        const SequenceOptions& options,
                        const std::vector<Variables>& initial) {
  const Stopwatch stopwatch;
  if (frames.empty() || initial.size() != frames.size())
    throw std::invalid_argument("initial: expected one per frame, at least one, got " +
                                std::to_string(initial.size()) + " for " + std::to_string(frames.size()));
  if (options.stages.empty()) throw std::invalid_argument("stages: expected at least one, got none");
  if (options.held < 0 || static_cast<size_t>(options.held) >= frames.size())
    throw std::invalid_argument("held: expected 0 to " + std::to_string(frames.size() - 1) + " frames, got " +
                                std::to_string(options.held));
  SequenceFit fit;
  fit.frames = initial;
  if (frames[0].CamerasMove() && !fit.frames[0].has_motions()) fit.frames[0].AddMotions();
  Share(&fit.frames);
  std::vector<InitialPlace> places;
  for (size_t f = 0; f < frames.size(); ++f) {
    frames[f].Check();
    if (static_cast<int>(f) >= options.held) fit.frames[f] = StartFrom(frames[f], fit.frames[f]).variables;
    places.push_back(PlaceOf(frames[f], fit.frames[f]));
  }
  for (const Stage& stage : options.stages) {
    const double remaining = options.max_time - stopwatch.Seconds();
    if (!(remaining > 0.0)) {
      fit.converged = false;
      fit.message = "stopped by max_time before stage " + stage.name;
      break;
    }
    const Stopwatch of_stage;
    std::map<std::string, double> initial_energies;
    Summary summary =
        SolveOnce(stage, frames, times, priors, options, places, remaining, &initial_energies, &fit);
    summary.time = of_stage.Seconds();
    fit.converged = summary.converged();
    fit.message = stage.name + ": " + summary.message;
    fit.interrupted = summary.termination_type == "USER_FAILURE";
    fit.stages.push_back({stage.name, std::move(summary), std::move(initial_energies), fit.energies});
    if (fit.interrupted) break;
  }
  for (Variables& frame : fit.frames) frame.WrapBodyPose();
  return fit;
}

}  // namespace smplceres
