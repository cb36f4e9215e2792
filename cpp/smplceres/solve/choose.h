// Which solver runs: the choice depends on the options and on how the problem's parameter blocks are coupled.
#pragma once

#include <vector>

#include "smplceres/solve/options.h"

namespace smplceres {

// How the parameter blocks of a problem are coupled.
struct Structure {
  enum Kind {
    kSingleFrame,
    kIndependentFrames,  // coupled by shared blocks alone
    kCoupledFrames,      // coupled by terms between frames as well, or with the shared blocks constant
  };
  Kind kind = kSingleFrame;
  bool is_bounded = false;        // whether a free parameter has bounds
  std::vector<double*> frames{};  // for kIndependentFrames: the blocks that the Schur complement eliminates
};

enum class Method {
  kNormalEquations,  // LevenbergMarquardt on the problem's own NormalEquations
  kCeres,
};

// kNormalEquations for Levenberg-Marquardt with the linear solver "auto", except for coupled
// frames, whose normal equations only Ceres assembles, and for a single frame with bounds, where
// Ceres' line search is used.
Method Choose(const SolverOptions& options, const Structure& structure);

}  // namespace smplceres
