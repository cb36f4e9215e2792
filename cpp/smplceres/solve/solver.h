// Runs Ceres on a problem, silently.
#pragma once

#include <functional>

#include "ceres/problem.h"
#include "smplceres/solve/options.h"
#include "smplceres/solve/summary.h"

namespace smplceres {

// Asked after every iteration; true stops the solve at its present state.
using Interrupted = std::function<bool()>;

// max_time: seconds; infinity for no limit. Throws std::invalid_argument for options that Ceres refuses.
Summary Solve(const SolverOptions& options,
              double max_time,
              const Interrupted& interrupted,
              ceres::Problem* problem);

}  // namespace smplceres
