// Runs Ceres on a problem, silently.
#pragma once

#include "ceres/problem.h"
#include "smplceres/base/interrupted.h"
#include "smplceres/solve/choose.h"
#include "smplceres/solve/options.h"
#include "smplceres/solve/summary.h"

namespace smplceres {

// Options of problems whose cost functions an objective owns and whose parameter blocks are distinct.
ceres::Problem::Options CeresProblemOptions();

// max_time: seconds; infinity for no limit. Throws std::invalid_argument for options that Ceres refuses.
Summary SolveByCeres(const SolverOptions& options,
                     const Structure& structure,
                     double max_time,
                     const Interrupted& interrupted,
                     ceres::Problem* problem);

}  // namespace smplceres
