// The fit of a clip and its steps.
#include <pybind11/functional.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "bindings/arrays.h"
#include "bindings/docs.h"
#include "bindings/signals.h"
#include "smplceres/fit/sequence/cheapest_path.h"
#include "smplceres/fit/sequence/fit_clip.h"
#include "smplceres/math/rotation_path.h"

namespace smplceres::bindings {
namespace {

using Arrays = std::map<std::string, Array>;
using RefinedCameras = decltype(ClipOptions::refined_cameras);
using Progress = decltype(ClipCallbacks::progress);
using Load = decltype(ClipCallbacks::load);
using Save = decltype(ClipCallbacks::save);

ClipStep MakeClipStep(const Arrays& arrays,
                      const std::vector<StageSummary>& stages,
                      const std::map<std::string, double>& energies,
                      bool converged) {
  ClipStep step{{}, stages, energies, converged};
  for (const auto& [name, array] : arrays)
    step.arrays[name] = {{array.shape(), array.shape() + array.ndim()},
                         {array.data(), array.data() + array.size()}};
  return step;
}

Arrays ArraysOf(const ClipStep& step) {
  Arrays arrays;
  for (const auto& [name, array] : step.arrays) {
    Array copy(std::vector<py::ssize_t>(array.shape.begin(), array.shape.end()));
    std::copy(array.values.begin(), array.values.end(), copy.mutable_data());
    arrays[name] = std::move(copy);
  }
  return arrays;
}

ClipFit RunFitClip(const py::typing::Iterable<Scene>& frames,
                   const std::vector<double>& times,
                   const std::vector<Stage>& stages,
                   const Array& start_pose,
                   int window,
                   int threads,
                   const std::optional<RefinedCameras>& refined_cameras,
                   const ClipCallbacks& callbacks) {
  // An iterator, so that Python need not hold the scenes of a long clip all at once.
  std::vector<Scene> scenes;
  for (const py::handle frame : frames) scenes.push_back(py::cast<const Scene&>(frame));
  ClipOptions options;
  options.stages_together = stages;
  options.start_pose = ToVector(start_pose);
  options.window = window;
  options.threads = threads;
  options.refined_cameras = refined_cameras.value_or(nullptr);
  try {
    return WithoutGil([&](const Interrupted& interrupted) {
      options.interrupted = interrupted;
      return FitClip(scenes, times, options, callbacks);
    });
  } catch (const ClipInterrupted&) {
    throw py::error_already_set();  // of the signal's handler
  }
}

std::vector<int> RunCheapestPath(const std::vector<Array>& costs, const std::vector<Array>& steps) {
  if (costs.size() != (costs.empty() ? 0 : steps.size() + 1))
    throw std::invalid_argument("steps: expected one between each frame and the next, got " +
                                std::to_string(steps.size()) + " for " + std::to_string(costs.size()) +
                                " frames");
  std::vector<Eigen::VectorXd> of_frames;
  for (const Array& cost : costs) of_frames.push_back(ToVector(cost));
  return CheapestPath(of_frames, [&](size_t frame) -> Eigen::MatrixXd {
    const Array& step = steps.at(frame - 1);
    CheckShape("steps", step, {kAny, kAny});
    return ToMatrix(step, step.shape(0));
  });
}

Array RunInterpolateRotation(const Array& first, const Array& second, double fraction) {
  return ToArray(InterpolateRotation(Eigen::Vector3d(ToFiniteVector("first", first, 3)),
                                     Eigen::Vector3d(ToFiniteVector("second", second, 3)),
                                     fraction),
                 {3});
}

Array RunNearestAxisAngle(const Array& rotation, const Array& reference) {
  return ToArray(NearestAxisAngle(Eigen::Vector3d(ToFiniteVector("rotation", rotation, 3)),
                                  Eigen::Vector3d(ToFiniteVector("reference", reference, 3))),
                 {3});
}

}  // namespace

void BindClip(py::module_& m) {
  m.attr("MIN_WINDOW") = kMinWindow;
  m.attr("DEFAULT_WINDOW") = kDefaultWindow;

  py::class_<ClipStep>(m, "ClipStep", "A finished step of the fit of a clip, for checkpoints.")
      .def(py::init(&MakeClipStep),
           Doc(R"(Args:
               arrays: by name; the first dimension counts bodies or frames.
               stages, energies, converged: as the attributes.
           )"),
           py::arg("arrays"),
           py::kw_only(),
           py::arg("stages") = std::vector<StageSummary>(),
           py::arg("energies") = std::map<std::string, double>(),
           py::arg("converged") = false)
      .def_property_readonly("arrays", &ArraysOf, "By name; the first dimension counts bodies or frames.")
      .def_readonly("stages",
                    &ClipStep::stages,
                    "Reports on frames that were solved together for the result; empty for other steps.")
      .def_readonly("energies", &ClipStep::energies, "sum |r|^2 of each term at the end of those stages.")
      .def_readonly("converged", &ClipStep::converged, "The last of those stages converged.");

  py::class_<ClipCallbacks>(m, "ClipCallbacks", "Functions that `fit_clip` calls between steps.")
      .def(py::init([](const std::optional<Progress>& progress,
                       const std::optional<Load>& load,
                       const std::optional<Save>& save) {
             return ClipCallbacks{progress.value_or(nullptr), load.value_or(nullptr), save.value_or(nullptr)};
           }),
           Doc(R"(Args:
               progress: called with the name of the step, the number of finished frames and the total.
               load: returns the saved step of a name; None: it is computed.
               save: called with the name of a computed step and the step.
           )"),
           py::kw_only(),
           py::arg("progress") = py::none(),
           py::arg("load") = py::none(),
           py::arg("save") = py::none());

  py::class_<ClipFit>(m, "ClipFit", "The result of a clip.")
      .def_readonly("frames",
                    &ClipFit::frames,
                    "The variables of each frame; betas, zooms and camera motions are shared.")
      .def_readonly("stages", &ClipFit::stages, "Reports of the stages, for each window.")
      .def_readonly(
          "energies", &ClipFit::energies, "sum |r|^2 of each term at the solution, over all windows.")
      .def_readonly("converged", &ClipFit::converged, "The last stage of every window converged.");

  m.def(
      "fit_clip",
      &RunFitClip,
      Doc(R"(Fits every frame alone, selects the path of lowest cost through the candidates, and solves all frames
           together.

           Args:
               frames: of the same body and number of views.
               times: seconds, ascending, one per frame.
               stages: of all frames together; the weight of the shape prior grows with their number. Frames alone
                   have the default stages.
               start_pose: (J-1, 3) radians.
               window: number of frames that are solved together, >= MIN_WINDOW.
               threads: >= 1.
               refined_cameras: returns the refined cameras of the views, for the estimated variables; None: cameras
                   are not refined.
               callbacks: called between steps.

           Raises:
               ValueError: sizes that do not fit, times that do not ascend, options out of range, no frame that can
                   be fitted, steps of other frames.
               KeyboardInterrupt: Ctrl-C; exceptions of callbacks.
           )"),
      py::arg("frames"),
      py::arg("times"),
      py::arg("stages"),
      py::kw_only(),
      py::arg("start_pose"),
      py::arg("window"),
      py::arg("threads"),
      py::arg("refined_cameras"),
      py::arg("callbacks"));
  m.def("cheapest_path",
        &RunCheapestPath,
        Doc(R"(The sequence of candidates, one per frame, with the lowest sum of costs.

           Args:
               costs: F arrays (N_f,), of the candidates of each frame.
               steps: F - 1 arrays (N_f, N_{f-1}), of each candidate after each of the frame before.
           )"),
        py::arg("costs"),
        py::arg("steps"));
  m.def("interpolate_rotation",
        &RunInterpolateRotation,
        "(3,) axis-angle, the given fraction of the shortest rotation from the first to the second.",
        py::arg("first"),
        py::arg("second"),
        py::arg("fraction"));
  m.def("nearest_axis_angle",
        &RunNearestAxisAngle,
        "(3,) the axis-angle of the same rotation nearest to the reference.",
        py::arg("rotation"),
        py::arg("reference"));
}

}  // namespace smplceres::bindings
