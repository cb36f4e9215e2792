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
// DENSE_NORMAL_CHOLESKY for one body, SPARSE_NORMAL_CHOLESKY for many frames. Schur's solvers eliminate
// frames that share something one by one, but take 10 to 30 % longer: they square a frame's Jacobian twice.
struct Structure {
  enum Kind { kOneBody, kFrames, kChain };
  Kind kind = kOneBody;
  std::vector<double*> frames;  // of kFrames: blocks of which no residual has two, which Schur eliminates
};

// max_time: seconds; infinity for no limit. Throws std::invalid_argument for options that Ceres refuses.
Summary Solve(const SolverOptions& options,
              const Structure& structure,
              double max_time,
              const Interrupted& interrupted,
              ceres::Problem* problem);

}  // namespace smplceres
