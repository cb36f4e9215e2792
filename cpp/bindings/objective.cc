// A stage's objective as a function of a flat vector: for other solvers, and for the curvature at a solution.
#include "smplceres/objective/objective.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <optional>

#include "arrays.h"
#include "scene.h"
#include "smplceres/fit/start/initialise.h"
#include "smplceres/math/posterior.h"

namespace smplceres::bindings {
namespace {

// x = [frame | betas | log zoom of each view | motion of each, if any], the columns of Objective's Jacobian;
// the anchor of the root's chart is the root orientation of the variables it was made with.
class FlatObjective {
 public:
  FlatObjective(const Scene& observations,
                const PosePrior& pose_prior,
                const Stage& stage,
                const Variables& variables,
                std::shared_ptr<JointLimits> joint_limits,
                const std::optional<InitialPlace>& place)
      : scene_(WithPriors(observations, pose_prior, std::move(joint_limits))),
        start_(Recentred(scene_, variables, !place)),
        objective_(stage, scene_, {start_, place ? *place : PlaceOf(scene_, start_)}) {}
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
  static Variables Recentred(const Scene& observations, Variables variables, bool move_in_front) {
    variables.Check(*observations.model, observations.views.size());
    if (move_in_front) variables = StartFrom(observations, variables).variables;
    variables.Recentre();
    return variables;
  }

  Scene scene_;
  Variables start_;
  Objective objective_;
};

std::unique_ptr<FlatObjective> MakeObjective(const Scene& observations,
                                             const PosePrior& pose_prior,
                                             const Stage& stage,
                                             const Variables& variables,
                                             std::shared_ptr<JointLimits> joint_limits,
                                             const std::optional<Array>& initial_transl,
                                             const std::optional<Array>& pixels_per_metre) {
  std::optional<InitialPlace> place;
  if (initial_transl.has_value() != pixels_per_metre.has_value())
    throw std::invalid_argument(
        "initial_transl, pixels_per_metre: expected both or neither, got one of them");
  if (initial_transl) place = ToPlace(observations, *initial_transl, *pixels_per_metre);
  return std::make_unique<FlatObjective>(observations, pose_prior, stage, variables, joint_limits, place);
}

// (residuals, Jacobian or None); None where a term cannot be evaluated.
py::object Evaluate(const FlatObjective& self, const Array& x, bool with_jacobian) {
  const Variables variables = self.Unpack(x);
  Eigen::VectorXd residuals;
  RowMatrix jacobian;
  if (!self.objective().Evaluate(variables, &residuals, with_jacobian ? &jacobian : nullptr))
    return py::none();
  py::object derivatives = py::none();
  if (with_jacobian) derivatives = ToArray(jacobian, {jacobian.rows(), jacobian.cols()});
  return py::make_tuple(ToArray(residuals, {residuals.size()}), derivatives);
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

// (M, d, d) from (M, d, N).
py::array_t<double> Covariances(const Posterior& self, const Array& jacobians) {
  CheckShape("jacobians", jacobians, {kAny, kAny, self.size()});
  CheckFinite("jacobians", jacobians);
  const py::ssize_t M = jacobians.shape(0), d = jacobians.shape(1);
  RowMatrix covariances(M * d, d);
  for (py::ssize_t m = 0; m < M; ++m)
    covariances.middleRows(m * d, d) =
        self.Covariance(Eigen::Map<const RowMatrix>(jacobians.data() + m * d * self.size(), d, self.size()));
  return ToArray(covariances, {M, d, d});
}

}  // namespace

void BindObjective(py::module_& m) {
  py::class_<FlatObjective>(m, "Objective")
      .def(py::init(&MakeObjective),
           py::arg("observations"),
           py::arg("pose_prior"),
           py::arg("stage"),
           py::arg("variables"),
           py::kw_only(),
           py::arg("joint_limits"),
           py::arg("initial_transl") = py::none(),
           py::arg("pixels_per_metre") = py::none())
      .def_property_readonly("num_parameters",
                             [](const FlatObjective& self) { return self.objective().num_parameters(); })
      .def_property_readonly("num_views", &FlatObjective::num_views)
      .def_property_readonly("num_residuals",
                             [](const FlatObjective& self) { return self.objective().num_residuals(); })
      .def_property_readonly("rows", [](const FlatObjective& self) { return self.objective().rows(); })
      .def_property_readonly("free",
                             [](const FlatObjective& self) { return self.objective().free().Columns(); })
      .def_property_readonly("start",
                             [](const FlatObjective& self) {
                               const Eigen::VectorXd start = self.Start();
                               return ToArray(start, {start.size()});
                             })
      .def(
          "pack",
          [](const FlatObjective& self, const Variables& variables) {
            const Eigen::VectorXd x = self.Pack(variables);
            return ToArray(x, {x.size()});
          },
          py::arg("variables"))
      .def("unpack", &FlatObjective::Unpack, py::arg("x"))
      .def("evaluate", &Evaluate, py::arg("x"), py::kw_only(), py::arg("jacobian") = false);

  py::class_<Posterior>(m, "Posterior")
      .def(py::init(&MakePosterior), py::arg("jacobian"), py::arg("weights"))
      .def("covariances", &Covariances, py::arg("jacobians"));
}

}  // namespace smplceres::bindings
