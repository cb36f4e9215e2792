// Solves the stages of a fit in turn, each from the result of the one before, for one frame or many.
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

// The report of a stage: energies by term, with the stage's weights, at its start and end, and the variables
// at its end (none for several frames).
struct StageSummary {
  std::string name;
  Summary summary;
  std::map<std::string, double> initial_energies = {}, energies = {};
  std::optional<Variables> variables = std::nullopt;

  // Appends a further solve of the stage, which started from this one's result or a flip of it.
  void Append(StageSummary next);
};

// The report of all stages.
struct StagesFit {
  // Stores the termination of the last solve of a stage.
  void SetTermination(const Stage& stage, const Summary& summary);

  std::vector<StageSummary> stages = {};
  std::map<std::string, double> energies = {};  // by term, of the last stage that ran
  bool converged = false;
  bool interrupted = false;
  std::string message = {};
};

// Solves a stage once with terms built at the current state, and updates the state and fit->energies.
// initial_energies: receives the energies before the solve; may be null.
using SolveOnce = std::function<Summary(
    const Stage& stage, double max_time, std::map<std::string, double>* initial_energies)>;

// stopwatch: started with the fit, to enforce max_time (seconds). end_of_stage may be empty.
void SolveStages(const std::vector<Stage>& stages,
                 double max_time,
                 const Stopwatch& stopwatch,
                 const SolveOnce& solve_once,
                 const std::function<void(const Stage&)>& end_of_stage,
                 StagesFit* fit);

}  // namespace smplceres
