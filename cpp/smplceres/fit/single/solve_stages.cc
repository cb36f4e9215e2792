#include "smplceres/fit/single/solve_stages.h"

#include <utility>

#include "smplceres/solve/rounds.h"

namespace smplceres {

void StageSummary::Append(StageSummary next) {
  next.summary.CountEarlier(std::move(summary));
  *this = std::move(next);
}

void StagesFit::SetTermination(const Stage& stage, const Summary& summary) {
  converged = summary.converged();
  message = stage.name + ": " + summary.message;
  interrupted = summary.termination_type == "USER_FAILURE";
}

void SolveStages(const std::vector<Stage>& stages,
                 double max_time,
                 const Stopwatch& stopwatch,
                 const SolveOnce& solve_once,
                 const std::function<void(const Stage&)>& end_of_stage,
                 StagesFit* fit) {
  for (const Stage& stage : stages) {
    if (!(max_time - stopwatch.Seconds() > 0.0)) {
      fit->converged = false;
      fit->message = "stopped by max_time before stage " + stage.name;
      break;
    }
    const Stopwatch of_stage;
    std::map<std::string, double> initial_energies;
    Summary summary = SolveRounds(stage.rounds, max_time, stopwatch, [&](int round, double remaining) {
      return solve_once(stage, remaining, round == 0 ? &initial_energies : nullptr);
    });
    summary.time = of_stage.Seconds();
    fit->SetTermination(stage, summary);
    fit->stages.push_back({stage.name, std::move(summary), std::move(initial_energies), fit->energies});
    if (end_of_stage) end_of_stage(stage);
    if (fit->interrupted) break;
  }
}

}  // namespace smplceres
