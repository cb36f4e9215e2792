// Options of the solver of a stage; tolerances as Ceres defines them.
//
// The selection of the linear solver is in solve/choose.h. With 85 variables QR, sparse and Schur solvers
// take 3 to 7 times as long as DENSE_NORMAL_CHOLESKY.
#pragma once

#include <string>

namespace smplceres {

enum class Minimizer { kLevenbergMarquardt, kDogleg, kLbfgs };

// kFast: analytic Jacobians of skinned points, small Jets for terms. kAutodiff: Jets through the
// whole body, the reference.
enum class JacobianMethod { kFast, kAutodiff };

struct SolverOptions {
  Minimizer minimizer = Minimizer::kLevenbergMarquardt;
  std::string linear_solver = "auto";
  JacobianMethod jacobian = JacobianMethod::kFast;
  int num_threads = 1;
  int max_iterations = 100;
  double function_tolerance = 1e-6;
  double gradient_tolerance = 1e-10;
  double parameter_tolerance = 1e-8;
  double initial_trust_region_radius = 1e4;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("minimizer", &SolverOptions::minimizer, "\"lm\" (Levenberg-Marquardt), \"dogleg\" or \"lbfgs\".");
    visit("linear_solver",
          &SolverOptions::linear_solver,
          "\"auto\", or a name of Ceres: DENSE_NORMAL_CHOLESKY, DENSE_QR, SPARSE_NORMAL_CHOLESKY, "
          "DENSE_SCHUR, SPARSE_SCHUR, ITERATIVE_SCHUR, CGNR; unused by lbfgs. An unknown or unavailable name "
          "is a ValueError of the fit. With lm, \"auto\" selects NORMAL_EQUATIONS for a single frame without "
          "bounds, NORMAL_EQUATIONS_SCHUR (on one thread) for frames coupled only by shared variables, and "
          "otherwise DENSE_NORMAL_CHOLESKY for a single frame, SPARSE_NORMAL_CHOLESKY for several.");
    visit("jacobian",
          &SolverOptions::jacobian,
          "\"fast\" (analytic derivatives of points) or \"autodiff\" (through the whole body: slow, the "
          "reference).");
    visit("num_threads",
          &SolverOptions::num_threads,
          "For evaluation; with 1, results are bitwise reproducible.");
    visit("max_iterations", &SolverOptions::max_iterations, "Max number of steps tried, >= 0.");
    visit("function_tolerance",
          &SolverOptions::function_tolerance,
          "Converged if |change of cost| / cost is below, >= 0.");
    visit("gradient_tolerance",
          &SolverOptions::gradient_tolerance,
          "Converged if the max norm of the gradient is below, >= 0.");
    visit("parameter_tolerance",
          &SolverOptions::parameter_tolerance,
          "Converged if |step| / |x| is below, >= 0.");
    visit(
        "initial_trust_region_radius", &SolverOptions::initial_trust_region_radius, "Of lm and dogleg, > 0.");
  }
};

}  // namespace smplceres
