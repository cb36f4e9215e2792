// The report of a solve, with Ceres' names. Costs are energies, sum |r|^2, twice Ceres' cost.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace smplceres {

struct Summary {
  double initial_cost = 0.0;  // both costs are -1 if the initial estimate could not be evaluated
  double final_cost = 0.0;
  int num_iterations = 0;  // steps tried after the first evaluation
  int num_residuals = 0;
  int num_parameters = 0;        // free ones
  std::string termination_type;  // CONVERGENCE, NO_CONVERGENCE, FAILURE, USER_FAILURE
  std::string message;
  std::string minimizer;
  std::string jacobian;
  std::string linear_solver;  // the one used; empty for L-BFGS
  double time = 0.0;          // seconds
  // For each solve, the lowest cost so far: at its start and after every iteration.
  std::vector<std::vector<double>> costs;

  // Adds the iterations, time and costs of an earlier solve from whose result this one started.
  void CountEarlier(Summary earlier) {
    num_iterations += earlier.num_iterations;
    time += earlier.time;
    earlier.costs.insert(earlier.costs.end(), costs.begin(), costs.end());
    costs = std::move(earlier.costs);
  }

  bool converged() const { return termination_type == "CONVERGENCE"; }
  bool usable() const { return converged() || termination_type == "NO_CONVERGENCE"; }
};

}  // namespace smplceres
