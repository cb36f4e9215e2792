// Many frames solved together.
#include <pybind11/stl.h>

#include "arrays.h"
#include "ceres/crs_matrix.h"
#include "scene.h"
#include "signals.h"
#include "smplceres/fit/sequence/fit_sequence.h"
#include "smplceres/objective/sequence_objective.h"

namespace smplceres::bindings {
namespace {

std::vector<Scene> WithPriors(std::vector<Scene> frames,
                              const PosePrior& pose_prior,
                              const std::shared_ptr<JointLimits>& joint_limits) {
  for (Scene& frame : frames) frame.priors = {pose_prior, joint_limits};
  return frames;
}

SequenceFit RunFitSequence(const std::vector<Scene>& frames,
                           const std::vector<double>& times,
                           const PosePrior& pose_prior,
                           const std::vector<Stage>& stages,
                           const std::vector<Variables>& initial,
                           int held,
                           bool shared,
                           double max_time,
                           std::shared_ptr<JointLimits> joint_limits) {
  SequenceOptions options;
  options.stages = stages;
  options.held = held;
  options.shared = shared;
  options.max_time = max_time;
  options.interrupted = SignalCheck();
  SequenceFit fit;
  {
    const py::gil_scoped_release release;
    fit = FitSequence(WithPriors(frames, pose_prior, joint_limits), times, options, initial);
  }
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();
  return fit;
}

// Residuals and Jacobian of a stage on many frames, from one Ceres problem. The Jacobian is in compressed row
// format: (begin of each row, columns, values). Its columns are the frames' blocks in turn, betas, zooms.
py::dict EvaluateSequence(const std::vector<Scene>& frames,
                          const std::vector<double>& times,
                          const PosePrior& pose_prior,
                          const Stage& stage,
                          std::vector<Variables> variables,
                          std::shared_ptr<JointLimits> joint_limits) {
  std::vector<State> states;
  for (size_t f = 0; f < frames.size(); ++f) {
    variables[f].Check(*frames[f].model, frames[f].views.size());
    variables[f].betas = variables[0].betas;
    variables[f].log_zoom = variables[0].log_zoom;
    variables[f].camera_motion = variables[0].camera_motion;
    states.push_back({variables[f], PlaceOf(frames[f], variables[f])});
  }
  const SequenceObjective objective(stage, WithPriors(frames, pose_prior, joint_limits), times, states);
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
  py::class_<SequenceFit>(m, "SequenceFit")
      .def_property_readonly("frames",
                             [](const SequenceFit& fit) {
                               std::vector<Variables> frames;
                               for (const State& frame : fit.frames) frames.push_back(frame.variables);
                               return frames;
                             })
      .def_readonly("stages", &SequenceFit::stages)
      .def_readonly("energies", &SequenceFit::energies)
      .def_readonly("converged", &SequenceFit::converged)
      .def_readonly("message", &SequenceFit::message);

  m.def("fit_sequence",
        &RunFitSequence,
        py::arg("frames"),
        py::arg("times"),
        py::arg("pose_prior"),
        py::arg("stages"),
        py::arg("initial"),
        py::kw_only(),
        py::arg("held"),
        py::arg("shared"),
        py::arg("max_time"),
        py::arg("joint_limits"));
  m.def("evaluate_sequence",
        &EvaluateSequence,
        py::arg("frames"),
        py::arg("times"),
        py::arg("pose_prior"),
        py::arg("stage"),
        py::arg("variables"),
        py::kw_only(),
        py::arg("joint_limits"));
}

}  // namespace smplceres::bindings
