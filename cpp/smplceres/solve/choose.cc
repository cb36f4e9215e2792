#include "smplceres/solve/choose.h"

namespace smplceres {

Method Choose(const SolverOptions& options, const Structure& structure) {
  if (options.minimizer != Minimizer::kLevenbergMarquardt || options.linear_solver != "auto")
    return Method::kCeres;
  switch (structure.kind) {
    case Structure::kSingleFrame:
      return structure.is_bounded ? Method::kCeres : Method::kNormalEquations;
    case Structure::kIndependentFrames:
      return Method::kNormalEquations;
    case Structure::kCoupledFrames:
      break;
  }
  return Method::kCeres;
}

}  // namespace smplceres
