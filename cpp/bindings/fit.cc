// Scene, the fit, and a stage's objective evaluated at a state.
#include "smplceres/fit/single/fit.h"

#include <pybind11/stl.h>

#include <limits>
#include <optional>
#include <utility>

#include "arrays.h"
#include "scene.h"
#include "signals.h"
#include "slices.h"
#include "smplceres/fit/single/fit.h"
#include "smplceres/fit/single/noise.h"
#include "smplceres/fit/start/depth_flips.h"
#include "smplceres/fit/start/other_starts.h"

namespace smplceres::bindings {
namespace {

std::vector<KeypointRole> ToRoles(const std::vector<int>& numbers) {
  std::vector<KeypointRole> roles;
  for (const int role : numbers) {
    if (role < 0 || role > static_cast<int>(KeypointRole::kNeck))
      throw std::invalid_argument("roles: expected 0 to 4, got " + std::to_string(role));
    roles.push_back(static_cast<KeypointRole>(role));
  }
  return roles;
}

Points3d MakePoints3d(const BodyModel& model,
                      std::shared_ptr<SkinnedPoints> points,
                      const std::vector<int>& point_of,
                      const std::vector<int>& roles,
                      const Array& xyz,
                      const Array& covariance,
                      const Array& confidence) {
  const py::ssize_t N = static_cast<py::ssize_t>(point_of.size());
  CheckShape("xyz", xyz, {N, 3});
  CheckShape("covariance", covariance, {N, 3, 3});
  CheckShape("confidence", confidence, {N});
  Points3d measured;
  measured.points = std::move(points);
  measured.point_of = point_of;
  measured.roles = ToRoles(roles);
  measured.xyz = ToMatrix(xyz, N);
  const RowMatrix rows = ToMatrix(covariance, 3 * N);
  for (py::ssize_t i = 0; i < N; ++i)
    measured.whitening.push_back(Whitening(rows.middleRows<3>(3 * i), confidence.at(i), static_cast<int>(i)));
  measured.Check(model);
  return measured;
}

View MakeView(std::shared_ptr<SkinnedPoints> points,
              const std::vector<int>& point_of_keypoint,
              const std::vector<int>& roles,
              const Array& keypoints,
              const Array& confidence,
              const Camera& camera,
              std::shared_ptr<Mask> mask) {
  const py::ssize_t K = static_cast<py::ssize_t>(point_of_keypoint.size());
  CheckShape("keypoints", keypoints, {K, 2});
  CheckShape("confidence", confidence, {K});
  View view;
  view.points = std::move(points);
  view.point_of_keypoint = point_of_keypoint;
  view.roles = ToRoles(roles);
  view.keypoints = K > 0 ? ToMatrix(keypoints, K) : RowMatrix(0, 2);
  view.confidence = ToVector(confidence);
  view.camera = camera;
  view.mask = std::move(mask);
  return view;
}

Scene MakeObservations(std::shared_ptr<BodyModel> model,
                       const std::vector<View>& views,
                       const std::optional<Points3d>& points3d,
                       const std::optional<KnownPerson>& person,
                       const std::optional<Ground>& ground,
                       const std::vector<Cloud>& clouds) {
  Scene observations{std::move(model), {}, views, points3d, person, ground, clouds};
  observations.Check();
  return observations;
}

Variables MakeVariables(const BodyModel& model,
                        const Array& global_orient,
                        const Array& body_pose,
                        const Array& betas,
                        const Array& transl,
                        const Array& log_zoom,
                        const std::optional<Array>& camera_motion,
                        const SliceArrays& slices) {
  CheckShape("log_zoom", log_zoom, {kAny});
  Variables variables(model, static_cast<size_t>(log_zoom.size()));
  variables.SetRootRotation(Exp(ToFiniteVector("global_orient", global_orient, 3).data()));
  variables.BodyPose() = ToFiniteVector("body_pose", body_pose, variables.BodyPose().size());
  variables.betas = ToFiniteVector("betas", betas, variables.betas.size());
  variables.Transl() = ToFiniteVector("transl", transl, 3);
  variables.log_zoom = ToFiniteVector("log_zoom", log_zoom, log_zoom.size());
  SetSlices(slices, &variables);
  if (camera_motion && camera_motion->size() > 0) {
    CheckShape("camera_motion", *camera_motion, {log_zoom.size(), kMotionSize});
    CheckFinite("camera_motion", *camera_motion);
    variables.camera_motion = Eigen::Map<const Eigen::VectorXd>(camera_motion->data(), camera_motion->size());
  }
  return variables;
}

Fit RunFit(const Scene& observations,
           const PosePrior& pose_prior,
           const std::vector<Stage>& stages,
           const Array& start_pose,
           int starts,
           bool other_starts,
           int threads,
           double sigma_px,
           double max_time,
           const std::optional<Variables>& initial,
           std::shared_ptr<JointLimits> joint_limits) {
  FitOptions options;
  options.stages = stages;
  options.start_pose = ToFiniteVector("start_pose", start_pose, observations.model->num_angles());
  options.starts = starts;
  options.other_starts = other_starts;
  options.threads = threads;
  options.sigma_px = sigma_px;
  options.max_time = max_time;
  options.interrupted = SignalCheck();
  std::optional<Fit> fit;
  {
    const py::gil_scoped_release release;
    fit = FitBody(WithPriors(observations, pose_prior, joint_limits), options, initial);
  }
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();
  return std::move(*fit);
}

// The best initial estimate of a fit.
Variables RunInitialise(const Scene& observations, const Array& start_pose) {
  const Eigen::VectorXd pose = ToFiniteVector("start_pose", start_pose, observations.model->num_angles());
  return Initialise(observations, pose, 1).front().variables;
}

std::vector<Variables> RunOtherStarts(const Scene& observations,
                                      const PosePrior& pose_prior,
                                      const Array& start_pose) {
  const Eigen::VectorXd pose = ToFiniteVector("start_pose", start_pose, observations.model->num_angles());
  std::vector<Variables> variables;
  for (State& start : OtherStarts(WithPriors(observations, pose_prior, nullptr), pose))
    variables.push_back(std::move(start.variables));
  return variables;
}

// Residuals and Jacobian of a stage at a state. Columns of the Jacobian: the frame (the root's are left
// rotations at the given state), betas, log zoom of each view, motion of each view if any.
py::dict EvaluateObjective(const Scene& observations,
                           const PosePrior& pose_prior,
                           const Stage& stage,
                           const Variables& variables,
                           const Array& initial_transl,
                           const Array& pixels_per_metre,
                           const Array& root_chart,
                           std::shared_ptr<JointLimits> joint_limits) {
  variables.Check(*observations.model, observations.views.size());
  const InitialPlace place = ToPlace(observations, initial_transl, pixels_per_metre);
  Variables at = variables;
  at.frame.segment<3>(at.layout.root()) = ToFiniteVector("root_chart", root_chart, 3);
  const Objective objective(stage, WithPriors(observations, pose_prior, joint_limits), {at, place});
  Eigen::VectorXd residuals;
  RowMatrix jacobian;
  const bool evaluated = objective.Evaluate(at, &residuals, &jacobian);
  py::dict result;
  result["evaluated"] = evaluated;
  result["rows"] = objective.rows();
  result["residuals"] = ToArray(residuals, {residuals.size()});
  result["jacobian"] = ToArray(jacobian, {jacobian.rows(), jacobian.cols()});
  return result;
}

// The noise at a solution, pixels; NaN if it cannot be estimated.
double RunEstimateNoise(const Scene& observations,
                        const PosePrior& pose_prior,
                        const Stage& stage,
                        const Variables& variables,
                        const Array& initial_transl,
                        const Array& pixels_per_metre,
                        std::shared_ptr<JointLimits> joint_limits) {
  variables.Check(*observations.model, observations.views.size());
  const InitialPlace place = ToPlace(observations, initial_transl, pixels_per_metre);
  const std::optional<Noise> noise =
      EstimateNoise(stage, WithPriors(observations, pose_prior, joint_limits), {variables, place});
  return noise ? noise->sigma_px : std::numeric_limits<double>::quiet_NaN();
}

StageSummary MakeStageSummary(const std::string& name,
                              int num_iterations,
                              double initial_cost,
                              double final_cost,
                              double time,
                              const std::string& termination_type,
                              const std::string& message,
                              const std::string& minimizer,
                              const std::string& linear_solver,
                              const std::string& jacobian,
                              int num_residuals,
                              int num_parameters,
                              const std::vector<std::vector<double>>& costs,
                              const std::map<std::string, double>& initial_energies,
                              const std::map<std::string, double>& energies) {
  Summary summary;
  summary.initial_cost = initial_cost;
  summary.final_cost = final_cost;
  summary.num_iterations = num_iterations;
  summary.num_residuals = num_residuals;
  summary.num_parameters = num_parameters;
  summary.termination_type = termination_type;
  summary.message = message;
  summary.minimizer = minimizer;
  summary.jacobian = jacobian;
  summary.linear_solver = linear_solver;
  summary.time = time;
  summary.costs = costs;
  return {name, std::move(summary), initial_energies, energies};
}

}  // namespace

void BindFit(py::module_& m) {
  py::class_<Points3d>(m, "Points3d")
      .def(py::init(&MakePoints3d),
           py::kw_only(),
           py::arg("model").none(false),
           py::arg("points").none(false),
           py::arg("point_of"),
           py::arg("roles"),
           py::arg("xyz"),
           py::arg("covariance"),
           py::arg("confidence"))
      .def_property_readonly("whitening", [](const Points3d& points) {
        const auto N = static_cast<py::ssize_t>(points.whitening.size());
        RowMatrix rows(3 * N, 3);
        for (py::ssize_t i = 0; i < N; ++i)
          rows.middleRows<3>(3 * i) = points.whitening[static_cast<size_t>(i)];
        return ToArray(rows, {N, 3, 3});
      });

  py::class_<View>(m, "View").def(py::init(&MakeView),
                                  py::kw_only(),
                                  py::arg("points").none(false),
                                  py::arg("point_of_keypoint"),
                                  py::arg("roles"),
                                  py::arg("keypoints"),
                                  py::arg("confidence"),
                                  py::arg("camera"),
                                  py::arg("mask") = std::shared_ptr<Mask>());

  py::class_<Scene>(m, "Observations")
      .def(py::init(&MakeObservations),
           py::kw_only(),
           py::arg("model").none(false),
           py::arg("views"),
           py::arg("points3d") = std::optional<Points3d>(),
           py::arg("person") = std::optional<KnownPerson>(),
           py::arg("ground") = std::optional<Ground>(),
           py::arg("clouds") = std::vector<Cloud>());

  py::class_<Variables>(m, "Variables")
      .def(py::init(&MakeVariables),
           py::arg("model"),
           py::kw_only(),
           py::arg("global_orient"),
           py::arg("body_pose"),
           py::arg("betas"),
           py::arg("transl"),
           py::arg("log_zoom"),
           py::arg("camera_motion") = py::none(),
           py::arg("slices") = SliceArrays())
      .def_property_readonly("global_orient",
                             [](const Variables& v) { return ToArray(v.GlobalOrient(), {3}); })
      .def_property_readonly("body_pose",
                             [](const Variables& v) {
                               return ToArray(v.BodyPose(), {v.BodyPose().size() / 3, 3});
                             })
      .def_property_readonly("betas", [](const Variables& v) { return ToArray(v.betas, {v.betas.size()}); })
      .def_property_readonly("transl", [](const Variables& v) { return ToArray(v.Transl(), {3}); })
      .def_property_readonly("slices", &ToSlices)
      .def_property_readonly("log_zoom",
                             [](const Variables& v) { return ToArray(v.log_zoom, {v.log_zoom.size()}); })
      .def_property_readonly("camera_motion", [](const Variables& v) {
        return ToArray(v.camera_motion, {v.camera_motion.size() / kMotionSize, kMotionSize});
      });

  py::class_<Summary>(m, "Summary")
      .def_readonly("initial_cost", &Summary::initial_cost)
      .def_readonly("final_cost", &Summary::final_cost)
      .def_readonly("num_iterations", &Summary::num_iterations)
      .def_readonly("num_residuals", &Summary::num_residuals)
      .def_readonly("num_parameters", &Summary::num_parameters)
      .def_readonly("termination_type", &Summary::termination_type)
      .def_readonly("message", &Summary::message)
      .def_readonly("minimizer", &Summary::minimizer)
      .def_readonly("jacobian", &Summary::jacobian)
      .def_readonly("linear_solver", &Summary::linear_solver)
      .def_readonly("time", &Summary::time)
      .def_readonly("costs", &Summary::costs);

  py::class_<StageSummary>(m, "StageSummary")
      .def(py::init(&MakeStageSummary),
           py::kw_only(),
           py::arg("name"),
           py::arg("num_iterations"),
           py::arg("initial_cost"),
           py::arg("final_cost"),
           py::arg("time"),
           py::arg("termination_type"),
           py::arg("message"),
           py::arg("minimizer"),
           py::arg("linear_solver"),
           py::arg("jacobian"),
           py::arg("num_residuals"),
           py::arg("num_parameters"),
           py::arg("costs"),
           py::arg("initial_energies"),
           py::arg("energies"))
      .def_readonly("name", &StageSummary::name)
      .def_readonly("summary", &StageSummary::summary)
      .def_readonly("initial_energies", &StageSummary::initial_energies)
      .def_readonly("energies", &StageSummary::energies)
      .def_readonly("variables", &StageSummary::variables);

  py::class_<Hypothesis>(m, "Hypothesis")
      .def_readonly("variables", &Hypothesis::variables)
      .def_readonly("energies", &Hypothesis::energies)
      .def_readonly("kept", &Hypothesis::kept);

  py::class_<Fit>(m, "Fit")
      .def_property_readonly("variables", [](const Fit& fit) { return fit.state.variables; })
      .def_property_readonly("start", [](const Fit& fit) { return fit.start.value_or(fit.state.variables); })
      .def_readonly("stages", &Fit::stages)
      .def_readonly("energies", &Fit::energies)
      .def_readonly("converged", &Fit::converged)
      .def_readonly("message", &Fit::message)
      .def_readonly("hypotheses", &Fit::hypotheses)
      .def_readonly("num_starts", &Fit::num_starts)
      .def_readonly("last_stage", &Fit::last_stage)
      .def_readonly("sigma_px", &Fit::sigma_px)
      .def_property_readonly("initial_transl",
                             [](const Fit& fit) { return ToArray(fit.state.place.transl, {3}); })
      .def_property_readonly("pixels_per_metre", [](const Fit& fit) {
        return ToArray(fit.state.place.pixels_per_metre, {fit.state.place.pixels_per_metre.size()});
      });

  m.def("fit",
        &RunFit,
        py::arg("observations"),
        py::arg("pose_prior"),
        py::arg("stages"),
        py::kw_only(),
        py::arg("start_pose"),
        py::arg("starts"),
        py::arg("other_starts"),
        py::arg("threads"),
        py::arg("sigma_px"),
        py::arg("max_time"),
        py::arg("initial"),
        py::arg("joint_limits"));
  m.def(
      "depth_flips",
      [](const Scene& observations, const Variables& variables) {
        variables.Check(*observations.model, observations.views.size());
        std::vector<std::pair<std::string, Variables>> flips;
        for (DepthFlip& flip : DepthFlips(observations, variables))
          flips.emplace_back(std::move(flip.name), std::move(flip.variables));
        return flips;
      },
      py::arg("observations"),
      py::arg("variables"));
  m.def("other_starts",
        &RunOtherStarts,
        py::arg("observations"),
        py::arg("pose_prior"),
        py::kw_only(),
        py::arg("start_pose"));
  m.def("initialise", &RunInitialise, py::arg("observations"), py::kw_only(), py::arg("start_pose"));
  m.def("estimate_noise",
        &RunEstimateNoise,
        py::arg("observations"),
        py::arg("pose_prior"),
        py::arg("stage"),
        py::arg("variables"),
        py::kw_only(),
        py::arg("initial_transl"),
        py::arg("pixels_per_metre"),
        py::arg("joint_limits"));
  m.def("evaluate",
        &EvaluateObjective,
        py::arg("observations"),
        py::arg("pose_prior"),
        py::arg("stage"),
        py::arg("variables"),
        py::kw_only(),
        py::arg("initial_transl"),
        py::arg("pixels_per_metre"),
        py::arg("root_chart"),
        py::arg("joint_limits"));
}

}  // namespace smplceres::bindings
