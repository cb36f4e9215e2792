// Reports of the solver.
#include "smplceres/solve/summary.h"

#include <pybind11/stl.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bindings/arrays.h"
#include "smplceres/fit/single/fit.h"

namespace smplceres::bindings {
namespace {

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

void BindSummary(py::module_& m) {
  py::class_<Summary>(
      m,
      "Summary",
      "Report of the solver on a stage. Costs are energies, sum |r|^2: twice the cost of Ceres.")
      .def_readonly("initial_cost",
                    &Summary::initial_cost,
                    "-1, like final_cost, if the initial state could not be evaluated.")
      .def_readonly("final_cost", &Summary::final_cost, "The lowest cost.")
      .def_readonly("num_iterations", &Summary::num_iterations, "Steps tried.")
      .def_readonly("num_residuals", &Summary::num_residuals, "Number of residuals.")
      .def_readonly("num_parameters", &Summary::num_parameters, "Number of free parameters.")
      .def_readonly("termination_type",
                    &Summary::termination_type,
                    "CONVERGENCE, NO_CONVERGENCE (a limit was reached), FAILURE or USER_FAILURE (Ctrl-C).")
      .def_readonly("message", &Summary::message, "The message of the solver.")
      .def_readonly("minimizer", &Summary::minimizer, "lm, dogleg or lbfgs.")
      .def_readonly("jacobian", &Summary::jacobian, "fast or autodiff.")
      .def_readonly("linear_solver", &Summary::linear_solver, "Name of the linear solver; empty for lbfgs.")
      .def_readonly("time", &Summary::time, "Seconds.")
      .def_readonly("costs",
                    &Summary::costs,
                    "For each solve of the stage, the lowest cost so far at the initial state and after "
                    "every iteration.");

  py::class_<StageSummary>(m, "StageSummary", "Report of a stage.")
      .def(py::init(&MakeStageSummary),
           "A saved report, without variables; the numbers of the solver as in `Summary`.",
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
      .def_readonly("name", &StageSummary::name, "Name of the stage.")
      .def_readonly("summary", &StageSummary::summary, "Report of the solver.")
      .def_readonly("initial_energies",
                    &StageSummary::initial_energies,
                    "sum |r|^2 of each term at the initial state, in the weights of the stage.")
      .def_readonly("energies", &StageSummary::energies, "sum |r|^2 of each term at the final state.")
      .def_readonly("variables", &StageSummary::variables, "The final state; None for several frames.");
}

}  // namespace smplceres::bindings
