// Many frames solved together.
#include <pybind11/stl.h>

#include "bindings/arrays.h"
#include "bindings/docs.h"
#include "bindings/signals.h"
#include "ceres/crs_matrix.h"
#include "smplceres/fit/sequence/fit_sequence.h"
#include "smplceres/objective/sequence_objective.h"

namespace smplceres::bindings {
namespace {

SequenceFit RunFitSequence(const std::vector<Scene>& frames,
                           const std::vector<double>& times,
                           const std::vector<Stage>& stages,
                           const std::vector<Variables>& initial,
                           int held,
                           bool shared,
                           double max_time) {
  SequenceOptions options;
  options.stages = stages;
  options.held = held;
  options.shared = shared;
  options.max_time = max_time;
  return WithoutGil([&](const Interrupted& interrupted) {
    options.interrupted = interrupted;
    return FitSequence(frames, times, options, initial);
  });
}

py::dict EvaluateSequence(const std::vector<Scene>& frames,
                          const std::vector<double>& times,
                          const Stage& stage,
                          std::vector<Variables> variables) {
  std::vector<State> states;
  for (size_t f = 0; f < frames.size(); ++f) {
    variables[f].Check(*frames[f].model, frames[f].views.size());
    variables[f].betas = variables[0].betas;
    variables[f].log_zoom = variables[0].log_zoom;
    variables[f].camera_motion = variables[0].camera_motion;
    states.push_back({variables[f], PlaceOf(frames[f], variables[f])});
  }
  const SequenceObjective objective(stage, frames, times, states);
  ceres::Problem::Options problem_options;
  problem_options.cost_function_ownership = ceres::DO_NOT_TAKE_OWNERSHIP;
  ceres::Problem problem(problem_options);
  objective.AddTo(&problem, &variables, objective.Free(0, true));
  ceres::Problem::EvaluateOptions options;
  for (Variables& frame : variables) options.parameter_blocks.push_back(frame.frame.data());
  const std::vector<double*> shared = variables[0].blocks();
  options.parameter_blocks.insert(options.parameter_blocks.end(), shared.begin() + kBetas, shared.end());
  std::vector<double> residuals;
  ceres::CRSMatrix jacobian;
  py::dict result;
  result["evaluated"] = problem.Evaluate(options, nullptr, &residuals, nullptr, &jacobian);
  result["energies"] = objective.Energies(variables);
  result["residuals"] = residuals;
  result["jacobian"] = py::make_tuple(jacobian.rows, jacobian.cols, jacobian.values);
  return result;
}

}  // namespace

void BindSequence(py::module_& m) {
  py::class_<SequenceFit>(m, "SequenceFit", "The result of frames that were solved together.")
      .def_property_readonly(
          "frames",
          [](const SequenceFit& fit) {
            std::vector<Variables> frames;
            for (const State& frame : fit.frames) frames.push_back(frame.variables);
            return frames;
          },
          "The variables of each frame; betas, zooms and camera motions are shared.")
      .def_readonly("stages", &SequenceFit::stages, "Reports of the stages, in order.")
      .def_readonly(
          "energies",
          &SequenceFit::energies,
          "sum |r|^2 of each term over all frames at the solution, in the weights of the last stage.")
      .def_readonly("converged", &SequenceFit::converged, "The last stage converged.")
      .def_readonly("message", &SequenceFit::message, "Why the last stage stopped.");

  m.def(
      "fit_sequence",
      &RunFitSequence,
      Doc(R"(Solves all frames together, with one shape, one zoom (and pose) per camera and motion between frames.

           Args:
               frames: of the same body and number of views; frames without observations are estimated from their
                   neighbours.
               times: seconds, ascending, one per frame.
               stages: one or more.
               initial: initial estimates, one per frame; betas, zooms and camera motions are those of the first.
               held: number of frames at the beginning that are constant.
               shared: betas, zooms and camera motions are estimated; False: they are constant.
               max_time: seconds after which the best state so far is returned.

           Raises:
               ValueError: sizes that do not fit, times that do not ascend, a frame that starts behind a camera.
               KeyboardInterrupt: Ctrl-C.
           )"),
      py::arg("frames"),
      py::arg("times"),
      py::arg("stages"),
      py::arg("initial"),
      py::kw_only(),
      py::arg("held"),
      py::arg("shared"),
      py::arg("max_time"));
  m.def("evaluate_sequence",
        &EvaluateSequence,
        Doc(R"(Residuals and Jacobian of a stage on several frames, as one problem of Ceres.

           Returns:
               evaluated: False if a term has no value.
               energies: sum |r|^2 of each term.
               residuals: R numbers.
               jacobian: (begin of each row, columns, values); columns: (root chart 3, body_pose, transl) of each
                   frame, one after the other, betas, log_zoom of each view, camera_motion of each view if the
                   variables have it.
           )"),
        py::arg("frames"),
        py::arg("times"),
        py::arg("stage"),
        py::arg("variables"));
}

}  // namespace smplceres::bindings
