// LevenbergMarquardt takes the same steps as Ceres' trust region minimizer.
#include "smplceres/solve/levenberg_marquardt.h"

#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <limits>

#include "ceres/autodiff_cost_function.h"
#include "ceres/problem.h"
#include "smplceres/solve/ceres_solver.h"

namespace smplceres {
namespace {

constexpr int kSize = 2;

// r = (10 (y - x^2), 1 - x): a curved valley. Rosenbrock, "An automatic method for finding the greatest or
// least value of a function", 1960.
struct Rosenbrock {
  template <typename T>
  bool operator()(const T* x, T* r) const {
    r[0] = 10.0 * (x[1] - x[0] * x[0]);
    r[1] = 1.0 - x[0];
    return true;
  }
};

class RosenbrockEquations final : public NormalEquations {
 public:
  int num_parameters() const override { return kSize; }
  int num_residuals() const override { return 2; }
  const char* name() const override { return "TEST"; }
  void Project(Eigen::VectorXd*) const override {}
  bool Cost(const Eigen::VectorXd& x, double* cost) override {
    Eigen::Vector2d r;
    Rosenbrock()(x.data(), r.data());
    *cost = 0.5 * r.squaredNorm();
    return true;
  }
  bool Linearize(const Eigen::VectorXd& x,
                 double* cost,
                 Eigen::VectorXd* gradient,
                 Eigen::VectorXd* diagonal) override {
    Eigen::Vector2d r;
    Rosenbrock()(x.data(), r.data());
    Eigen::Matrix2d J;
    J << -20.0 * x[0], 10.0, -1.0, 0.0;
    *cost = 0.5 * r.squaredNorm();
    gradient_ = J.transpose() * r;
    hessian_ = J.transpose() * J;
    *gradient = gradient_;
    *diagonal = hessian_.diagonal();
    return true;
  }
  bool Solve(const Eigen::VectorXd& damping, Eigen::VectorXd* delta) override {
    const Eigen::LLT<Eigen::MatrixXd> factor(hessian_ + Eigen::MatrixXd(damping.asDiagonal()));
    *delta = -factor.solve(gradient_);
    return factor.info() == Eigen::Success;
  }

 private:
  Eigen::VectorXd gradient_;
  Eigen::MatrixXd hessian_;
};

TEST(LevenbergMarquardt, TakesTheStepsOfCeres) {
  const Eigen::Vector2d starts[] = {{-1.2, 1.0}, {3.0, -2.0}, {0.0, 5.0}, {-4.0, -4.0}};
  for (const Eigen::Vector2d& start : starts)
    for (const int iterations : {1, 3, 8, 100}) {
      SolverOptions options;
      options.max_iterations = iterations;
      options.function_tolerance = 1e-12;
      const double unlimited = std::numeric_limits<double>::infinity();

      RosenbrockEquations equations;
      Eigen::VectorXd x = start;
      const Summary summary = LevenbergMarquardt(options, unlimited, {}, &equations, &x);

      Eigen::Vector2d y = start;
      ceres::Problem problem;
      problem.AddResidualBlock(
          new ceres::AutoDiffCostFunction<Rosenbrock, 2, kSize>(new Rosenbrock), nullptr, y.data());
      options.linear_solver = "DENSE_NORMAL_CHOLESKY";
      const Summary ceres_summary = SolveByCeres(options, Structure{}, unlimited, {}, &problem);

      EXPECT_LT((x - y).norm(), 1e-7) << iterations << " iterations from " << start.transpose();
      EXPECT_EQ(summary.termination_type, ceres_summary.termination_type);
      EXPECT_NEAR(summary.final_cost, ceres_summary.final_cost, 1e-9 * (1.0 + ceres_summary.final_cost));
    }
}

}  // namespace
}  // namespace smplceres
