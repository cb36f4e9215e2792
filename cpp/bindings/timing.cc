// Times the evaluation of points and the linear algebra of a step without Python and Ceres, for benchmarks/.
#include <pybind11/stl.h>

#include <Eigen/Cholesky>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/docs.h"
#include "bindings/slices.h"
#include "smplceres/body/body_model.h"
#include "smplceres/body/skinned_points.h"

namespace smplceres::bindings {
namespace {

constexpr int kCallsASample = 20;  // because a call is hardly longer than the clock's resolution

// Seconds per call, for each sample.
template <typename Call>
std::vector<double> Time(int samples, const Call& call) {
  using Clock = std::chrono::steady_clock;
  const py::gil_scoped_release release;
  call();  // allocates memory that later calls reuse
  std::vector<double> seconds;
  for (int sample = 0; sample < samples; ++sample) {
    const Clock::time_point begin = Clock::now();
    for (int i = 0; i < kCallsASample; ++i) call();
    seconds.push_back(std::chrono::duration<double>(Clock::now() - begin).count() / kCallsASample);
  }
  return seconds;
}

// Times the evaluation as in a fit: kinematics, then points, without allocation.
std::vector<double> TimePoints(const SkinnedPoints& points,
                               const BodyModel& model,
                               const Array& betas,
                               const Array& global_orient,
                               const Array& body_pose,
                               const Array& transl,
                               bool with_jacobian,
                               int samples) {
  points.CheckBody(model);
  const Eigen::VectorXd shape = ToShape(model, betas, {});
  const Eigen::VectorXd pose = ToFiniteVector("body_pose", body_pose, model.num_pose_angles());
  const Eigen::VectorXd root = ToFiniteVector("global_orient", global_orient, 3);
  const Eigen::VectorXd t = ToFiniteVector("transl", transl, 3);
  Kinematics<double> kinematics;
  KinematicsJacobian derivative;
  SkinnedPoints::Jacobian jacobian = points.MakeJacobian();
  RowMatrix positions(points.size(), 3);
  return Time(samples, [&] {
    kinematics.Compute(model, Exp(root.data()), pose.data(), shape.data(), t.data());
    if (with_jacobian) {
      derivative.Compute(model, kinematics, LeftJacobian(Eigen::Vector3d(root)), pose.data(), true);
      points.Evaluate(kinematics, derivative, shape.data(), true, positions.data(), &jacobian);
    } else {
      points.Evaluate(kinematics, shape.data(), positions.data());
    }
  });
}

// Times the solution of (J^T J + D^2) dx = J^T r by Cholesky, for a dense random J.
std::vector<double> TimeNormalEquations(int rows, int columns, int samples) {
  if (rows < 1 || columns < 1)
    throw std::invalid_argument("rows, columns: expected at least 1 of each, got " + std::to_string(rows) +
                                ", " + std::to_string(columns));
  std::mt19937 engine(0);
  std::normal_distribution<double> normal;
  const auto random = [&] { return normal(engine); };
  const RowMatrix J = RowMatrix::NullaryExpr(rows, columns, random);
  const Eigen::VectorXd r = Eigen::VectorXd::NullaryExpr(rows, random);
  const Eigen::VectorXd D = Eigen::VectorXd::Ones(columns);
  Eigen::MatrixXd H(columns, columns);
  Eigen::VectorXd step(columns);
  Eigen::LLT<Eigen::MatrixXd, Eigen::Upper> cholesky(columns);
  return Time(samples, [&] {
    H.setZero();
    H.selfadjointView<Eigen::Upper>().rankUpdate(J.transpose());
    H.diagonal() += D.cwiseAbs2();
    step.noalias() = J.transpose() * r;
    cholesky.compute(H);
    cholesky.solveInPlace(step);
  });
}

}  // namespace

void BindTiming(py::module_& m) {
  m.def("time_points",
        &TimePoints,
        Doc(R"(Seconds for the evaluation of points as in a fit, kinematics included, without Python.

           Args:
               jacobian: with derivatives.
               samples: number of means, each over 20 calls.

           Other arguments are those of `SkinnedPoints.evaluate`.
           )"),
        py::arg("points"),
        py::arg("model"),
        py::kw_only(),
        py::arg("betas"),
        py::arg("global_orient"),
        py::arg("body_pose"),
        py::arg("transl"),
        py::arg("jacobian") = false,
        py::arg("samples") = 100);
  m.def(
      "time_normal_equations",
      &TimeNormalEquations,
      Doc(R"(Seconds for J^T J, J^T r and a Cholesky solve in Eigen with a dense J (rows, columns), a lower bound
           of an iteration of Levenberg-Marquardt.

           Args:
               rows, columns: >= 1.
               samples: number of means, each over 20 calls.
           )"),
      py::kw_only(),
      py::arg("rows"),
      py::arg("columns"),
      py::arg("samples") = 100);
}

}  // namespace smplceres::bindings
