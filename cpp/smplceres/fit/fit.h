// The fit: starts, each through all stages, the cheapest kept.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "smplceres/fit/initialise.h"
#include "smplceres/problem/objective.h"
#include "smplceres/solve/solver.h"

namespace smplceres {

struct FitOptions {
  std::vector<Stage> stages;
  Eigen::VectorXd start_pose;  // 3 (J - 1), radians
  int starts = 1;              // facing directions tried, 1 to kMaxStarts, see Initialise
  double max_time = std::numeric_limits<double>::infinity();  // seconds
  Interrupted interrupted;                                    // may be empty
};

struct StageSummary {
  std::string name;
  Summary summary;
};

struct Fit {
  Variables variables;
  InitialPlace place;
  std::vector<StageSummary> stages;
  std::map<std::string, double> energies;  // of the last stage run, by term
  bool converged = false;
  bool interrupted = false;
  std::string message;
  int num_starts = 0;  // that were tried

  double cost() const;  // sum of the energies; infinite where they could not be evaluated
};

// A pure function of its inputs. `initial`, where given, replaces initialisation and starts.
// Throws std::invalid_argument for inputs that cannot be fitted, `initial` behind the camera among them; a
// fit that does not converge is no error.
Fit FitBody(const Observations& observations,
            const Priors& priors,
            const FitOptions& options,
            const std::optional<Variables>& initial);

}  // namespace smplceres
