#include "smplceres/objective/stage.h"

#include <stdexcept>

#include "smplceres/solve/rounds.h"

namespace smplceres {

void CheckStages(const std::vector<Stage>& stages) {
  if (stages.empty()) throw std::invalid_argument("stages: expected at least one, got none");
  for (const Stage& stage : stages)
    if (stage.rounds < 1 || stage.rounds > kMaxRounds)
      throw std::invalid_argument("rounds: expected 1 to " + std::to_string(kMaxRounds) + " in stage " +
                                  stage.name + ", got " + std::to_string(stage.rounds));
}

}  // namespace smplceres
