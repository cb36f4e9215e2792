// The fit of a clip, its steps and its parts.
#include <pybind11/functional.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <algorithm>
#include <map>
#include <memory>

#include "arrays.h"
#include "scene.h"
#include "signals.h"
#include "smplceres/fit/sequence/cheapest_path.h"
#include "smplceres/fit/sequence/fit_clip.h"
#include "smplceres/math/rotation_path.h"

namespace smplceres::bindings {
namespace {

using Arrays = std::map<std::string, Array>;

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
                   const PosePrior& pose_prior,
                   const std::vector<Stage>& stages,
                   const Array& start_pose,
                   int window,
                   int threads,
                   std::function<std::vector<Camera>(const Variables&)> refined_cameras,
                   std::shared_ptr<JointLimits> joint_limits,
                   const ClipCallbacks& callbacks) {
  // Frames are requested one by one, so that Python need not hold all frames of a long clip.
  std::vector<Scene> scenes;
  for (const py::handle frame : frames)
    scenes.push_back(WithPriors(py::cast<const Scene&>(frame), pose_prior, joint_limits));
  ClipOptions options;
  options.stages_together = stages;
  options.start_pose = ToVector(start_pose);
  options.window = window;
  options.threads = threads;
  options.refined_cameras = std::move(refined_cameras);
  options.interrupted = SignalCheck();
  try {
    const py::gil_scoped_release release;
    return FitClip(scenes, times, options, callbacks);
  } catch (const ClipInterrupted&) {
    throw py::error_already_set();  // SignalCheck has set it
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

  py::class_<ClipStep>(m, "ClipStep")
      .def(py::init(&MakeClipStep),
           py::arg("arrays"),
           py::kw_only(),
           py::arg("stages") = std::vector<StageSummary>(),
           py::arg("energies") = std::map<std::string, double>(),
           py::arg("converged") = false)
      .def_property_readonly("arrays", &ArraysOf)
      .def_readonly("stages", &ClipStep::stages)
      .def_readonly("energies", &ClipStep::energies)
      .def_readonly("converged", &ClipStep::converged);

  py::class_<ClipCallbacks>(m, "ClipCallbacks")
      .def(py::init([](decltype(ClipCallbacks::progress) progress,
                       decltype(ClipCallbacks::load) load,
                       decltype(ClipCallbacks::save) save) {
             return ClipCallbacks{std::move(progress), std::move(load), std::move(save)};
           }),
           py::kw_only(),
           py::arg("progress") = py::none(),
           py::arg("load") = py::none(),
           py::arg("save") = py::none());

  py::class_<ClipFit>(m, "ClipFit")
      .def_readonly("frames", &ClipFit::frames)
      .def_readonly("stages", &ClipFit::stages)
      .def_readonly("energies", &ClipFit::energies)
      .def_readonly("converged", &ClipFit::converged);

  m.def("fit_clip",
        &RunFitClip,
        py::arg("frames"),
        py::arg("times"),
        py::arg("pose_prior"),
        py::arg("stages"),
        py::kw_only(),
        py::arg("start_pose"),
        py::arg("window"),
        py::arg("threads"),
        py::arg("refined_cameras"),
        py::arg("joint_limits"),
        py::arg("callbacks"));
  m.def("cheapest_path", &RunCheapestPath, py::arg("costs"), py::arg("steps"));
  m.def("interpolate_rotation",
        &RunInterpolateRotation,
        py::arg("first"),
        py::arg("second"),
        py::arg("fraction"));
  m.def("nearest_axis_angle", &RunNearestAxisAngle, py::arg("rotation"), py::arg("reference"));
}

}  // namespace smplceres::bindings
