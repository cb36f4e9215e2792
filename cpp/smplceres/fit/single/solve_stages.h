// The stages of a fit in turn, each from where the one before ended: for one frame and for many.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "smplceres/base/stopwatch.h"
#include "smplceres/objective/stage.h"
#include "smplceres/objective/variables.h"
#include "smplceres/solve/summary.h"

namespace smplceres {

// What a stage did: energies by term in its weights where it began and where it ended, and there the
// variables (none of many frames).
struct StageSummary {
  std::string name;
  Summary summary;
  std::map<std::string, double> initial_energies = {}, energies = {};
  std::optional<Variables> variables = std::nullopt;

  // It was solved once more, from where it had ended or a flip of that.
  void Append(StageSummary next);
};

// What the stages did.
struct StagesFit {
  // Takes how the last solve of a stage ended.
  void EndWith(const Stage& stage, const Summary& summary);

  std::vector<StageSummary> stages = {};
  std::map<std::string, double> energies = {};  // of the last stage run, by term
  bool converged = false;
  bool interrupted = false;
  std::string message = {};
};

// Solves a stage once, its terms built at the present state, which it changes together with fit->energies.
// `initial_energies`: by term before the solve, or null.
using SolveOnce = std::function<Summary(
    const Stage& stage, double max_time, std::map<std::string, double>* initial_energies)>;

// `stopwatch` started with the fit, whose max_time (seconds) it measures. `end_of_stage` may be empty.
void SolveStages(const std::vector<Stage>& stages,
                 double max_time,
                 const Stopwatch& stopwatch,
                 const SolveOnce& solve_once,
                 const std::function<void(const Stage&)>& end_of_stage,
                 StagesFit* fit);

}  // namespace smplceres
