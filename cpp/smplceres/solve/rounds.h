// A stage that is solved several times, its terms made anew in between.
#pragma once

#include <functional>

#include "smplceres/base/stopwatch.h"
#include "smplceres/solve/summary.h"

namespace smplceres {

constexpr int kMaxRounds = 1000;

// Solves once a round and reports all rounds as one solve. Stops early after a round that is not usable and
// when `stopwatch` has passed max_time (seconds); the first round always runs. `solve`: the number of the
// round and the seconds that remain.
Summary SolveRounds(int rounds,
                    double max_time,
                    const Stopwatch& stopwatch,
                    const std::function<Summary(int round, double remaining)>& solve);

}  // namespace smplceres
