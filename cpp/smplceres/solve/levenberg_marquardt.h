// Levenberg-Marquardt on normal equations that the caller assembles and solves (normal_equations.h).
//
//   (H + D / (r S^2)) d = -g,     x' = P(x + d),     H = J^T J,  g = J^T r
//
//   S   1 / (1 + sqrt(diag H)) at the first x, Ceres' Jacobi scaling
//   D   diag S H S at the current x, clamped to [1e-6, 1e32]
//   r   trust region radius
//   P   projection onto the bounds, if any
//
// Steps, radii and termination are those of Ceres' TrustRegionMinimizer with LEVENBERG_MARQUARDT and
// DENSE_NORMAL_CHOLESKY, without its line search within bounds; tests/ compare the two. This is faster
// because no Jacobian is formed: Ceres writes, checks, scales and multiplies every row, although most rows
// belong to priors, whose part of H is constant. Unlike in Ceres, a last step whose decrease is within
// function_tolerance is taken, if the decrease is positive.
#pragma once

#include <Eigen/Core>

#include "smplceres/base/interrupted.h"
#include "smplceres/solve/normal_equations.h"
#include "smplceres/solve/options.h"
#include "smplceres/solve/summary.h"

namespace smplceres {

// x: the initial estimate, replaced by the best found. max_time: seconds; infinity for no limit. Throws
// std::invalid_argument for options out of range.
Summary LevenbergMarquardt(const SolverOptions& options,
                           double max_time,
                           const Interrupted& interrupted,
                           NormalEquations* equations,
                           Eigen::VectorXd* x);

}  // namespace smplceres
