// Solves a stage several times, with terms rebuilt in between.
#pragma once

#include <functional>

#include "smplceres/base/stopwatch.h"
#include "smplceres/solve/summary.h"

namespace smplceres {

constexpr int kMaxRounds = 1000;

// Calls `solve` once a round, with the seconds that remain, and reports all rounds as one solve.
// Stops early after a round that is not usable and once `stopwatch` has passed max_time (seconds);
// the first round always runs.
Summary SolveRounds(int rounds,
                    double max_time,
                    const Stopwatch& stopwatch,
                    const std::function<Summary(int round, double remaining)>& solve);

}  // namespace smplceres
