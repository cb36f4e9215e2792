#include "smplceres/solve/rounds.h"

#include <utility>

namespace smplceres {

Summary SolveRounds(int rounds,
                    double max_time,
                    const Stopwatch& stopwatch,
                    const std::function<Summary(int round, double remaining)>& solve) {
  Summary whole;
  for (int round = 0; round < rounds; ++round) {
    const double remaining = max_time - stopwatch.Seconds();
    if (round > 0 && !(remaining > 0.0)) break;
    Summary summary = solve(round, remaining);
    if (round > 0) {
      summary.initial_cost = whole.initial_cost;
      summary.CountEarlier(std::move(whole));
    }
    whole = std::move(summary);
    if (!whole.usable()) break;
  }
  return whole;
}

}  // namespace smplceres
