// Options of the solver of a stage.
#pragma once

#include <string>

namespace smplceres {

enum class Minimizer { kLevenbergMarquardt, kDogleg, kLbfgs };

// kFast: analytic Jacobians of skinned points, small Jets for terms. kAutodiff: Jets through the
// whole body, the reference.
enum class JacobianMethod { kFast, kAutodiff };

struct SolverOptions {
  Minimizer minimizer = Minimizer::kLevenbergMarquardt;
  // "auto", or one of Ceres' names: DENSE_NORMAL_CHOLESKY, DENSE_QR, SPARSE_NORMAL_CHOLESKY, DENSE_SCHUR,
  // SPARSE_SCHUR, ITERATIVE_SCHUR, CGNR. "auto" selects, with Levenberg-Marquardt,
  //   a single frame without bounds   NORMAL_EQUATIONS (equations/body_equations.h)
  //   independent frames              NORMAL_EQUATIONS_SCHUR (equations/frames_equations.h)
  // and otherwise DENSE_NORMAL_CHOLESKY for a single frame (with 85 variables QR, sparse and Schur solvers
  // take 3 to 7 times as long), SPARSE_NORMAL_CHOLESKY for several; see choose.h.
  std::string linear_solver = "auto";
  JacobianMethod jacobian = JacobianMethod::kFast;
  int num_threads = 1;  // for evaluation; with 1, results are bitwise reproducible
  int max_iterations = 100;
  double function_tolerance = 1e-6;   // |change of cost| / cost
  double gradient_tolerance = 1e-10;  // max norm of the gradient
  double parameter_tolerance = 1e-8;  // |step| / |x|
  double initial_trust_region_radius = 1e4;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("minimizer", &SolverOptions::minimizer);
    visit("linear_solver", &SolverOptions::linear_solver);
    visit("jacobian", &SolverOptions::jacobian);
    visit("num_threads", &SolverOptions::num_threads);
    visit("max_iterations", &SolverOptions::max_iterations);
    visit("function_tolerance", &SolverOptions::function_tolerance);
    visit("gradient_tolerance", &SolverOptions::gradient_tolerance);
    visit("parameter_tolerance", &SolverOptions::parameter_tolerance);
    visit("initial_trust_region_radius", &SolverOptions::initial_trust_region_radius);
  }
};

}  // namespace smplceres
