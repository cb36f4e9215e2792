// How a stage is solved.
#pragma once

#include <string>

namespace smplceres {

enum class Minimizer { kLevenbergMarquardt, kDogleg, kLbfgs };

// kFast: skinned points by hand, terms by small Jets. kAutodiff: Jets through the whole body, the reference.
enum class JacobianMethod { kFast, kAutodiff };

struct SolverOptions {
  Minimizer minimizer = Minimizer::kLevenbergMarquardt;
  // "auto", or a name that Ceres knows: DENSE_NORMAL_CHOLESKY, DENSE_QR, SPARSE_NORMAL_CHOLESKY, DENSE_SCHUR,
  // SPARSE_SCHUR, ITERATIVE_SCHUR, CGNR. auto, for one body: our own Levenberg-Marquardt
  // (solve/levenberg_marquardt.h), which the summary calls NORMAL_EQUATIONS; with another minimizer, and
  // where a focal length has bounds, DENSE_NORMAL_CHOLESKY: with 85 variables QR, sparse and Schur solvers
  // take 3 to 7 times as long. Of many frames, with the same minimizer: those that nothing but shape and
  // cameras couples are eliminated one by one (equations/frames_equations.h), NORMAL_EQUATIONS_SCHUR; else
  // see Structure in solver.h.
  std::string linear_solver = "auto";
  JacobianMethod jacobian = JacobianMethod::kFast;
  int num_threads = 1;  // that evaluate; with 1 the same input has the same output, bit for bit
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
