// What a solve did, in Ceres' words. Costs are energies, sum |r|^2: twice what Ceres calls cost.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace smplceres {

struct Summary {
  double initial_cost = 0.0;  // -1, as the final one, where the start could not be evaluated
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
  // Of each solve that this stands for, of its start and after every iteration: the lowest so far.
  std::vector<std::vector<double>> costs;

  // Counts what was done before by solves that this one went on from: what they ended as is this one's to
  // say.
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
