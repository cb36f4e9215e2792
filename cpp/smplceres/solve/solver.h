// Runs Ceres on a problem, silently.
#pragma once

#include <functional>
#include <vector>

#include "ceres/problem.h"
#include "smplceres/solve/options.h"
#include "smplceres/solve/summary.h"

namespace smplceres {

// Asked after every iteration; true stops the solve at its present state.
using Interrupted = std::function<bool()>;

// How a problem's parameter blocks hang together, which decides what the linear solver "auto" is:
// SPARSE_NORMAL_CHOLESKY for a chain of frames, DENSE_SCHUR, which eliminates frames one by one, for frames
// that share something, DENSE_NORMAL_CHOLESKY otherwise.
struct Structure {
  enum Kind { kOneBody, kFrames, kChain };
  Kind kind = kOneBody;
  std::vector<double*> frames;  // of kFrames: blocks of which no residual has two
};

// max_time: seconds; infinity for no limit. Throws std::invalid_argument for options that Ceres refuses.
Summary Solve(const SolverOptions& options,
              const Structure& structure,
              double max_time,
              const Interrupted& interrupted,
              ceres::Problem* problem);

}  // namespace smplceres
