#include "smplceres/fit/sequence/fit_sequence.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "smplceres/base/stopwatch.h"
#include "smplceres/equations/frames_equations.h"
#include "smplceres/fit/start/initialise.h"
#include "smplceres/objective/sequence_objective.h"
#include "smplceres/solve/ceres_solver.h"
#include "smplceres/solve/levenberg_marquardt.h"

namespace smplceres {
namespace {

// Copies the first frame's betas, zooms and camera motions to all frames.
void CopySharedVariables(std::vector<Variables>* frames) {
  for (Variables& frame : *frames) {
    frame.betas = frames->front().betas;
    frame.log_zoom = frames->front().log_zoom;
    frame.camera_motion = frames->front().camera_motion;
  }
}

bool AllFinite(const std::vector<Variables>& frames) {
  return std::all_of(frames.begin(), frames.end(), [](const Variables& frame) { return frame.AllFinite(); });
}

std::vector<Variables> VariablesOf(const std::vector<State>& states) {
  std::vector<Variables> variables;
  variables.reserve(states.size());
  for (const State& state : states) variables.push_back(state.variables);
  return variables;
}

// Moves the variables to a solution of the objective.
Summary Solve(const SequenceObjective& objective,
              const SolverOptions& solver,
              const SequenceOptions& options,
              double max_time,
              std::vector<Variables>* solved) {
  const bool independent = !objective.coupled() && options.shared;
  const std::vector<FreeSet> free = objective.Free(options.held, options.shared);
  Structure structure;
  structure.kind = independent ? Structure::kIndependentFrames : Structure::kCoupledFrames;
  if (Choose(solver, structure) == Method::kNormalEquations) {
    FramesEquations equations(objective, *solved, free);
    Eigen::VectorXd x = equations.Start();
    Summary summary = LevenbergMarquardt(solver, max_time, options.interrupted, &equations, &x);
    *solved = equations.At(x);
    return summary;
  }
  ceres::Problem problem(CeresProblemOptions());
  objective.AddTo(&problem, solved, free);
  if (independent)
    for (Variables& frame : *solved) structure.frames.push_back(frame.frame.data());
  Summary summary = SolveByCeres(solver, structure, max_time, options.interrupted, &problem);
  CopySharedVariables(solved);
  return summary;
}

// Solves a stage once with terms built at fit->frames. initial_energies: receives the energies before the
// solve; may be null.
Summary SolveObjective(const Stage& stage,
                       const std::vector<Scene>& scenes,
                       const std::vector<double>& times,
                       const SequenceOptions& options,
                       double max_time,
                       std::map<std::string, double>* initial_energies,
                       SequenceFit* fit) {
  for (State& frame : fit->frames) frame.variables.Recentre();
  std::vector<Variables> solved = VariablesOf(fit->frames);
  const SequenceObjective objective(stage, scenes, times, fit->frames);
  if (initial_energies != nullptr) *initial_energies = objective.Energies(solved);
  Summary summary = Solve(objective, stage.solver, options, max_time, &solved);
  if (summary.usable() && AllFinite(solved))
    for (size_t f = 0; f < solved.size(); ++f) fit->frames[f].variables = std::move(solved[f]);
  fit->energies = objective.Energies(VariablesOf(fit->frames));
  return summary;
}

void Check(const std::vector<Scene>& scenes,
           const SequenceOptions& options,
           const std::vector<Variables>& initial) {
  if (scenes.empty() || initial.size() != scenes.size())
    throw std::invalid_argument("initial: expected one per frame, at least one, got " +
                                std::to_string(initial.size()) + " for " + std::to_string(scenes.size()));
  CheckStages(options.stages);
  if (options.held < 0 || static_cast<size_t>(options.held) >= scenes.size())
    throw std::invalid_argument("held: expected 0 to " + std::to_string(scenes.size() - 1) + " frames, got " +
                                std::to_string(options.held));
}

std::vector<State> StatesOf(const std::vector<Scene>& scenes,
                            const std::vector<Variables>& initial,
                            int held) {
  std::vector<Variables> variables = initial;
  if (scenes[0].CamerasMove() && !variables[0].has_motions()) variables[0].AddMotions();
  CopySharedVariables(&variables);
  std::vector<State> states;
  for (size_t f = 0; f < scenes.size(); ++f) {
    scenes[f].Check();
    if (static_cast<int>(f) >= held) {
      states.push_back(StartFrom(scenes[f], variables[f]));
    } else {
      states.push_back({variables[f], PlaceOf(scenes[f], variables[f])});
    }
  }
  return states;
}

}  // namespace

SequenceFit FitSequence(const std::vector<Scene>& frames,
                        const std::vector<double>& times,
                        const SequenceOptions& options,
                        const std::vector<Variables>& initial) {
  const Stopwatch stopwatch;
  Check(frames, options, initial);
  SequenceFit fit;
  fit.frames = StatesOf(frames, initial, options.held);
  const auto solve_once =
      [&](const Stage& stage, double max_time, std::map<std::string, double>* initial_energies) {
        return SolveObjective(stage, frames, times, options, max_time, initial_energies, &fit);
      };
  SolveStages(options.stages, options.max_time, stopwatch, solve_once, nullptr, &fit);
  for (State& frame : fit.frames) frame.variables.WrapBodyPose();
  return fit;
}

}  // namespace smplceres
