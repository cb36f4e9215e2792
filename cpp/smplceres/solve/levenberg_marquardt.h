// Levenberg-Marquardt on normal equations that somebody else gathers and solves: dense ones of one body
// (equations/body_equations.h), an arrow of many frames (equations/frames_equations.h).
//
//   (H + D / (r S^2)) d = -g,     x' = P(x + d),     H = J^T J,  g = J^T r
//
//   S   1 / (1 + sqrt(diag H)) at the first x, Ceres' Jacobi scaling
//   D   diag S H S, cut to 1e-6 ... 1e32, where the last step was taken
//   r   trust region radius
//   P   onto the bounds, where there are any
//
// Steps, radii and ends are those of Ceres' TrustRegionMinimizer with LEVENBERG_MARQUARDT and
// DENSE_NORMAL_CHOLESKY, but for its line search along steps within bounds, so that both go the same way
// (tests/test_fit.py). What is saved is the Jacobian as a whole: Ceres has each row written, checked, scaled
// and multiplied, although most of them are a prior's, whose part of H is a constant. Unlike Ceres' the step
// whose gain is within function_tolerance is still taken, if there is a gain.
#pragma once

#include <Eigen/Core>

#include "smplceres/base/interrupted.h"
#include "smplceres/solve/normal_equations.h"
#include "smplceres/solve/options.h"
#include "smplceres/solve/summary.h"

namespace smplceres {

// x: the start, and then the best that was found. max_time: seconds; infinity for no limit. Throws
// std::invalid_argument for options out of range.
Summary LevenbergMarquardt(const SolverOptions& options,
                           double max_time,
                           const Interrupted& interrupted,
                           NormalEquations* equations,
                           Eigen::VectorXd* x);

}  // namespace smplceres
