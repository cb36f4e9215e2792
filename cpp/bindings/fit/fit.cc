// The fit of one person at one time, and its initial estimates.
#include "smplceres/fit/single/fit.h"

#include <pybind11/stl.h>

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/docs.h"
#include "bindings/signals.h"
#include "bindings/state.h"
#include "smplceres/fit/single/noise.h"
#include "smplceres/fit/start/depth_flips.h"
#include "smplceres/fit/start/other_starts.h"

namespace smplceres::bindings {
namespace {

Fit RunFit(const Scene& scene,
           const std::vector<Stage>& stages,
           const Array& start_pose,
           int starts,
           bool other_starts,
           int threads,
           double sigma_px,
           double max_time,
           const std::optional<Variables>& initial) {
  FitOptions options;
  options.stages = stages;
  options.start_pose = ToFiniteVector("start_pose", start_pose, scene.model->num_pose_angles());
  options.starts = starts;
  options.other_starts = other_starts;
  options.threads = threads;
  options.sigma_px = sigma_px;
  options.max_time = max_time;
  return WithoutGil([&](const Interrupted& interrupted) {
    options.interrupted = interrupted;
    return FitBody(scene, options, initial);
  });
}

std::vector<std::pair<std::string, Variables>> RunDepthFlips(const Scene& scene, const Variables& variables) {
  variables.Check(*scene.model, scene.views.size());
  std::vector<std::pair<std::string, Variables>> flips;
  for (DepthFlip& flip : DepthFlips(scene, variables))
    flips.emplace_back(std::move(flip.name), std::move(flip.variables));
  return flips;
}

Variables RunInitialise(const Scene& scene, const Array& start_pose) {
  const Eigen::VectorXd pose = ToFiniteVector("start_pose", start_pose, scene.model->num_pose_angles());
  return Initialise(scene, pose, 1).front().variables;
}

std::vector<Variables> RunOtherStarts(const Scene& scene, const Array& start_pose) {
  const Eigen::VectorXd pose = ToFiniteVector("start_pose", start_pose, scene.model->num_pose_angles());
  std::vector<Variables> variables;
  for (State& start : OtherStarts(scene, pose)) variables.push_back(std::move(start.variables));
  return variables;
}

double RunEstimateNoise(const Scene& scene, const Stage& stage, const State& state) {
  Check(state, scene);
  const std::optional<Noise> noise = EstimateNoise(stage, scene, state);
  return noise ? noise->sigma_px : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void BindFit(py::module_& m) {
  py::class_<Hypothesis>(
      m, "Hypothesis", "The result of one initial estimate, in the weights of the comparison.")
      .def_readonly("variables", &Hypothesis::variables, "The variables.")
      .def_readonly("energies", &Hypothesis::energies, "sum |r|^2 of each term.")
      .def_readonly(
          "kept", &Hypothesis::kept, "It is the result of the fit before its weights were balanced.");

  py::class_<Fit>(m, "Fit", "The result of a fit, from the initial estimate with the lowest cost.")
      .def_readonly("state", &Fit::state, "The solution, and the initial position that it refers to.")
      .def_property_readonly(
          "start",
          [](const Fit& fit) { return fit.start.value_or(fit.state.variables); },
          "The initial estimate.")
      .def_readonly("stages", &Fit::stages, "Reports of the stages, in order.")
      .def_readonly("energies",
                    &Fit::energies,
                    "sum |r|^2 of each term at the solution, in the weights of the last stage.")
      .def_readonly("converged", &Fit::converged, "The last stage converged.")
      .def_readonly("message", &Fit::message, "Why the last stage stopped.")
      .def_readonly("hypotheses",
                    &Fit::hypotheses,
                    "The results of all initial estimates and depth flips, by ascending cost.")
      .def_readonly("num_starts", &Fit::num_starts, "Number of initial estimates.")
      .def_readonly("last_stage",
                    &Fit::last_stage,
                    "The last stage as it was solved, with weights balanced by the noise.")
      .def_readonly(
          "sigma_px", &Fit::sigma_px, "The noise for that balance, given or estimated, pixels; 0: none.");

  m.def("fit",
        &RunFit,
        Doc(R"(Solves the stages from each initial estimate and returns the result with the lowest cost.

           The GIL is released.

           Args:
               scene: observations and known quantities.
               stages: one or more.
               start_pose: (3(J-1),) radians, the initial body_pose.
               starts: number of facing directions as initial estimates, 1 to 1000.
               other_starts: try depth flips and other initial estimates if the fit is doubtful.
               threads: >= 1, for several initial estimates; the result is the same for any number.
               sigma_px: noise of the keypoints, pixels > 0; 0: estimated if the last stage has a
                   reference_noise.
               max_time: seconds > 0, or infinity.
               initial: the initial estimate; None: it is estimated.

           Raises:
               ValueError: options out of range, fewer than 3 visible keypoints or all at one position (unless
                   points in space determine the position), `initial` behind the camera.
               KeyboardInterrupt: Ctrl-C.
           )"),
        py::arg("scene"),
        py::arg("stages"),
        py::kw_only(),
        py::arg("start_pose"),
        py::arg("starts"),
        py::arg("other_starts"),
        py::arg("threads"),
        py::arg("sigma_px"),
        py::arg("max_time"),
        py::arg("initial"));
  m.def(
      "depth_flips",
      &RunDepthFlips,
      Doc(R"(Bodies with parts mirrored in depth, which a single image hardly distinguishes from the given one.

           Returns:
               (names of the parts, variables); empty with several views, masks or points in space.
           )"),
      py::arg("scene"),
      py::arg("variables"));
  m.def(
      "other_starts",
      &RunOtherStarts,
      Doc(R"(Further initial estimates of a doubtful fit: two facing directions for each mean of a mixture, four
           for a body that is bent forward.

           Args:
               scene: observations and known quantities.
               start_pose: (3(J-1),) radians, the body_pose of the bent body.

           Raises:
               ValueError: fewer than 3 visible keypoints at different positions.
           )"),
      py::arg("scene"),
      py::kw_only(),
      py::arg("start_pose"));
  m.def(
      "initialise",
      &RunInitialise,
      Doc(R"(The first initial estimate of a fit: position, depth and facing direction from the observations.

           Args:
               scene: observations and known quantities.
               start_pose: (3(J-1),) radians, the initial body_pose.

           Raises:
               ValueError: fewer than 3 visible keypoints, or all at one position.
           )"),
      py::arg("scene"),
      py::kw_only(),
      py::arg("start_pose"));
  m.def("estimate_noise",
        &RunEstimateNoise,
        Doc(R"(The noise of the keypoints, estimated from their residuals at a solution of a stage.

           Returns:
               Standard deviation of a coordinate of confidence 1, pixels; NaN without visible keypoints.

           Raises:
               ValueError: a state of another body or other views, options out of range.
           )"),
        py::arg("scene"),
        py::arg("stage"),
        py::arg("state"));
}

}  // namespace smplceres::bindings
