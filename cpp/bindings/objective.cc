// A stage's objective as a function of a flat vector: for other solvers, and for the curvature at a solution.
#include "smplceres/objective/objective.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "bindings/arrays.h"
#include "bindings/docs.h"
#include "bindings/state.h"
#include "smplceres/fit/start/initialise.h"
#include "smplceres/math/posterior.h"
#include "smplceres/objective/points_jacobian.h"

namespace smplceres::bindings {
namespace {

// x = [frame | betas | log zoom of each view | motion of each, if any], the columns of Objective's Jacobian;
// the anchor of the root's chart is the root orientation of the variables it was made with.
class FlatObjective {
 public:
  // The root of the state's variables is at the anchor.
  FlatObjective(const Scene& scene, const Stage& stage, const State& state)
      : scene_(scene), start_(state.variables), objective_(stage, scene_, state) {}
  FlatObjective(const FlatObjective&) = delete;
  FlatObjective& operator=(const FlatObjective&) = delete;

  const Objective& objective() const { return objective_; }
  Eigen::Index num_views() const { return start_.log_zoom.size(); }

  Eigen::VectorXd Pack(const Variables& variables) const {
    Eigen::VectorXd x(objective_.num_parameters());
    double* to = x.data();
    for (int block = 0; block < variables.num_blocks(); ++block)
      to = std::copy_n(variables.block(block), variables.block_size(block), to);
    x.segment<3>(start_.layout.root()) = Log(variables.RootRotation() * start_.root_anchor.transpose());
    return x;
  }
  Eigen::VectorXd Start() const { return Pack(start_); }

  Variables Unpack(const Array& x) const {
    const Eigen::VectorXd values = ToFiniteVector("x", x, objective_.num_parameters());
    Variables variables = start_;
    const std::vector<double*> blocks = variables.blocks();
    const double* from = values.data();
    for (size_t block = 0; block < blocks.size(); ++block) {
      const int size = variables.block_size(static_cast<int>(block));
      std::copy_n(from, size, blocks[block]);
      from += size;
    }
    return variables;
  }

 private:
  Scene scene_;
  Variables start_;
  Objective objective_;
};

// The state from which a fit starts at these variables.
State StartOf(const Scene& scene, const Variables& variables) {
  variables.Check(*scene.model, scene.views.size());
  Variables start = StartFrom(scene, variables).variables;
  start.Recentre();
  const InitialPlace place = PlaceOf(scene, start);
  return {std::move(start), place};
}

State StartOf(const Scene& scene, State state) {
  Check(state, scene);
  state.variables.Recentre();
  return state;
}

std::unique_ptr<FlatObjective> MakeObjective(const Scene& scene,
                                             const Stage& stage,
                                             const std::variant<const Variables*, const State*>& start) {
  const State state = std::visit([&](const auto* given) { return StartOf(scene, *given); }, start);
  return std::make_unique<FlatObjective>(scene, stage, state);
}

using Evaluated = std::optional<std::pair<Array, std::optional<Array>>>;

Evaluated Evaluate(const FlatObjective& self, const Array& x, bool with_jacobian) {
  const Variables variables = self.Unpack(x);
  Eigen::VectorXd residuals;
  RowMatrix jacobian;
  if (!self.objective().Evaluate(variables, &residuals, with_jacobian ? &jacobian : nullptr))
    return std::nullopt;
  std::optional<Array> derivatives;
  if (with_jacobian) derivatives = ToArray(jacobian, {jacobian.rows(), jacobian.cols()});
  return std::make_pair(Array(ToArray(residuals, {residuals.size()})), derivatives);
}

py::dict EvaluateAt(const Scene& scene, const Stage& stage, const State& state, const Array& root_chart) {
  Check(state, scene);
  State at = state;
  at.variables.frame.segment<3>(at.variables.layout.root()) = ToFiniteVector("root_chart", root_chart, 3);
  const Objective objective(stage, scene, at);
  Eigen::VectorXd residuals;
  RowMatrix jacobian;
  py::dict result;
  result["evaluated"] = objective.Evaluate(at.variables, &residuals, &jacobian);
  result["rows"] = objective.rows();
  result["residuals"] = ToArray(residuals, {residuals.size()});
  result["jacobian"] = ToArray(jacobian, {jacobian.rows(), jacobian.cols()});
  return result;
}

Posterior MakePosterior(const Array& jacobian, const Array& weights) {
  CheckShape("jacobian", jacobian, {kAny, kAny});
  CheckShape("weights", weights, {jacobian.shape(0)});
  CheckFinite("jacobian", jacobian);
  CheckFinite("weights", weights);
  if (weights.size() > 0 && ToVector(weights).minCoeff() < 0.0)
    throw std::invalid_argument("weights: expected numbers >= 0, got " +
                                std::to_string(ToVector(weights).minCoeff()));
  return Posterior(Eigen::Map<const RowMatrix>(jacobian.data(), jacobian.shape(0), jacobian.shape(1)),
                   ToVector(weights));
}

Posterior MakePosteriorOf(const Array& hessian) {
  CheckShape("hessian", hessian, {kAny, hessian.ndim() == 2 ? hessian.shape(0) : kAny});
  CheckFinite("hessian", hessian);
  return Posterior(Eigen::MatrixXd(ToMatrix(hessian, hessian.shape(0))));
}

py::array_t<double> Covariances(const Posterior& self, const Array& jacobians) {
  CheckShape("jacobians", jacobians, {kAny, kAny, self.size()});
  CheckFinite("jacobians", jacobians);
  const py::ssize_t M = jacobians.shape(0), d = jacobians.shape(1);
  const Eigen::Map<const RowMatrix> rows(jacobians.data(), M * d, self.size());
  return ToArray(self.CovarianceBlocks(rows, d), {M, d, d});
}

std::pair<Array, Array> Linearize(const BodyModel& model, const SkinnedPoints& points, const Variables& at) {
  const LinearizedPoints linearized = LinearizePoints(model, points, at);
  return {ToArray(linearized.positions, {points.size(), 3}),
          ToArray(linearized.jacobian, {points.size(), 3, linearized.jacobian.cols()})};
}

py::array_t<double> JointTransforms(const BodyModel& model, const Variables& at) {
  at.Check(model, static_cast<size_t>(at.num_views()));
  const Kinematics<double> kinematics = at.Posed(model);
  const py::ssize_t J = model.num_joints();
  RowMatrix transforms = RowMatrix::Zero(4 * J, 4);
  for (py::ssize_t j = 0; j < J; ++j) {
    auto transform = transforms.middleRows<4>(4 * j);
    transform.topLeftCorner<3, 3>() = kinematics.rotation[static_cast<size_t>(j)];
    transform.topRightCorner<3, 1>() = kinematics.position[static_cast<size_t>(j)];
    transform(3, 3) = 1.0;
  }
  return ToArray(transforms, {J, 4, 4});
}

}  // namespace

void BindObjective(py::module_& m) {
  py::class_<FlatObjective>(
      m,
      "Objective",
      Doc(R"(The terms of a stage as a function of x (N,) = [root, body_pose, transl, betas, log_zoom].

           N = 3J + 3 + B + the number of views. `root` is a rotation vector w in world axes, radians: the root
           is at exp(w) exp(global_orient), with global_orient of the initial variables.
           )"))
      .def(py::init(&MakeObjective),
           Doc(R"(Args:
               scene, stage: as in `fit`.
               start: variables, moved in front of the cameras as those of a fit are, or a state, which is used
                   as it is.

           Raises:
               ValueError: options out of range, variables of another body or other views, a pelvis behind the
                   camera.
           )"),
           py::arg("scene"),
           py::arg("stage"),
           py::arg("start").none(false))
      .def_property_readonly(
          "num_parameters", [](const FlatObjective& self) { return self.objective().num_parameters(); }, "N.")
      .def_property_readonly("num_views", &FlatObjective::num_views, "Number of views.")
      .def_property_readonly(
          "num_residuals", [](const FlatObjective& self) { return self.objective().num_residuals(); }, "R.")
      .def_property_readonly(
          "rows",
          [](const FlatObjective& self) { return self.objective().rows(); },
          "(term, number of residuals) in order; a term of images has one pair per view with visible "
          "keypoints.")
      .def_property_readonly(
          "free",
          [](const FlatObjective& self) { return self.objective().free().Columns(); },
          "N, which components of x are free.")
      .def_property_readonly(
          "start",
          [](const FlatObjective& self) {
            const Eigen::VectorXd start = self.Start();
            return ToArray(start, {start.size()});
          },
          "(N,) x of the initial variables.")
      .def(
          "pack",
          [](const FlatObjective& self, const Variables& variables) {
            const Eigen::VectorXd x = self.Pack(variables);
            return ToArray(x, {x.size()});
          },
          "(N,) x of variables.",
          py::arg("variables"))
      .def("unpack",
           &FlatObjective::Unpack,
           "The variables at x; ValueError for another length, NaN.",
           py::arg("x"))
      .def("evaluate",
           &Evaluate,
           Doc(R"((R,) residuals and, if jacobian, their (R, N) derivatives.

           None if a term has no value (a point behind the camera). ValueError for another length, NaN.
           )"),
           py::arg("x"),
           py::kw_only(),
           py::arg("jacobian") = false);

  py::class_<Posterior>(
      m,
      "Posterior",
      "A Gaussian over N variables of the Hessian H = J^T diag(weights) J, which may lack rank.")
      .def(py::init(&MakePosterior),
           Doc(R"(Args:
               jacobian: (R, N) J.
               weights: (R,) >= 0.

           Raises:
               ValueError: sizes that do not fit, NaN, a negative weight.
           )"),
           py::arg("jacobian"),
           py::arg("weights"))
      .def_static(
          "of_hessian",
          &MakePosteriorOf,
          "From H itself, (N, N), symmetric and positive semidefinite. ValueError for another shape, NaN.",
          py::arg("hessian"))
      .def(
          "covariance",
          [](const Posterior& self) {
            return ToArray(self.Covariance(), {self.size(), self.size()});
          },
          "(N, N) of the variables; of those that H does not constrain infinite variances, covariances 0.")
      .def("covariances",
           &Covariances,
           Doc(R"((M, d, d) covariances of M functions of d values, from their (M, d, N) Jacobians.

           A value that H does not constrain has variance infinity and covariances 0. ValueError for another
           shape, NaN.
           )"),
           py::arg("jacobians"));

  m.def("joint_transforms",
        &JointTransforms,
        "(J, 4, 4) world_from_joint, metres. ValueError for variables of another body.",
        py::arg("model"),
        py::arg("variables"));

  m.def("linearize_points",
        &Linearize,
        Doc(R"((N, 3) positions of points, metres, and (N, 3, F + B) their derivatives with respect to the F
           numbers of the frame and betas.

           The derivative with respect to the root is that of a rotation vector in the axes of the world, which
           turns the body about its pelvis.

           Raises:
               ValueError: points or variables of another body.
           )"),
        py::arg("model"),
        py::arg("points"),
        py::arg("variables"));

  m.def("evaluate",
        &EvaluateAt,
        Doc(R"(Residuals and Jacobian of the terms of a stage, for tests.

           Args:
               scene, stage: as in `fit`.
               state: the point of evaluation.
               root_chart: (3,) rotation vector w, radians: the root is at exp(w) exp(global_orient).

           Returns:
               evaluated: False if a term has no value (a point behind the camera); residuals and
                   derivatives are then NaN or 0 from that term on.
               rows: (term, number of residuals) in order.
               residuals: (R,).
               jacobian: (R, 3J + 3 + B + views); columns: root_chart, body_pose, transl, betas, log_zoom,
                   and camera_motion if the variables have it.

           Raises:
               ValueError: options out of range, a wrong number of values, NaN.
           )"),
        py::arg("scene"),
        py::arg("stage"),
        py::arg("state"),
        py::kw_only(),
        py::arg("root_chart"));
}

}  // namespace smplceres::bindings
