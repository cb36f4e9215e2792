// Levenberg-Marquardt on normal equations that somebody else gathers: for one body, whose 85 unknowns make
// them small and dense.
//
//   (S H S + D / r) y = -S g,     x' = x + S y,     H = J^T J,  g = J^T r
//
//   S   1 / (1 + sqrt(diag H)) at the first x, Ceres' Jacobi scaling
//   D   diag S H S, cut to 1e-6 ... 1e32, where the last step was taken
//   r   trust region radius
//
// Steps, radii and ends are those of Ceres' TrustRegionMinimizer with LEVENBERG_MARQUARDT and
// DENSE_NORMAL_CHOLESKY, so that both go the same way (tests/test_fit.py). What is saved is the Jacobian as a
// whole: Ceres has each row written, checked, scaled and multiplied, although most of them are a prior's,
// whose part of H is a constant. Unlike Ceres' the step whose gain is within function_tolerance is still
// taken, if there is a gain.
#pragma once

#include <Eigen/Core>

#include "smplceres/solve/options.h"
#include "smplceres/solve/solver.h"
#include "smplceres/solve/summary.h"

namespace smplceres {

class NormalEquations {
 public:
  virtual ~NormalEquations() = default;

  virtual int num_parameters() const = 0;
  virtual int num_residuals() const = 0;

  // 1/2 |r|^2 in cost. False where it cannot be evaluated.
  virtual bool Cost(const Eigen::VectorXd& x, double* cost) = 0;
  // And g, and the lower triangle of H.
  virtual bool Linearize(const Eigen::VectorXd& x,
                         double* cost,
                         Eigen::VectorXd* gradient,
                         Eigen::MatrixXd* hessian) = 0;
};

// What Summary::linear_solver calls it.
constexpr char kNormalEquations[] = "NORMAL_EQUATIONS";

// Whether these options ask for what SolveNormalEquations does.
bool AskForNormalEquations(const SolverOptions& options);

// x: the start, and then the best that was found. max_time: seconds; infinity for no limit. Throws
// std::invalid_argument for options out of range.
Summary SolveNormalEquations(const SolverOptions& options,
                             double max_time,
                             const Interrupted& interrupted,
                             NormalEquations* equations,
                             Eigen::VectorXd* x);

}  // namespace smplceres
