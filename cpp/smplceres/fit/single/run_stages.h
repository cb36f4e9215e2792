// One start through all stages.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "smplceres/base/interrupted.h"
#include "smplceres/base/stopwatch.h"
#include "smplceres/fit/single/noise.h"
#include "smplceres/fit/single/solve_stages.h"
#include "smplceres/objective/objective.h"

namespace smplceres {

struct FitOptions {
  std::vector<Stage> stages;
  Eigen::VectorXd start_pose;  // 3 (J - 1), radians
  double sigma_px = 0.0;       // noise of the keypoints, pixels; 0: estimated where the last stage follows it
  bool other_starts = false;   // of a doubtful fit are tried, see fit/single/hypotheses.h
  int threads = 1;             // that starts and flips are run on; the result is the same for any number
  int starts = 1;              // facing directions tried, 1 to kMaxStarts, see Initialise
  double max_time = std::numeric_limits<double>::infinity();  // seconds
  Interrupted interrupted;                                    // may be empty
};

// Where a start ended that was not kept, or the one that was, in the weights that starts are compared by.
struct Hypothesis {
  Variables variables;
  std::map<std::string, double> energies;
  bool kept = false;  // the fit's own end, before its weights were balanced
};

struct Fit : StagesFit {
  explicit Fit(State state) : state(std::move(state)) {}

  State state;
  Stage last_stage = {};                          // as it was solved, its weights balanced
  double sigma_px = 0.0;                          // noise that the weights were balanced for, pixels; 0: none
  std::vector<Hypothesis> hypotheses = {};        // all ends, the fit's own among them, the cheapest first
  int num_starts = 0;                             // that were tried
  std::optional<Variables> start = std::nullopt;  // where its first stage began

  double cost() const;  // sum of the energies; infinite where they could not be evaluated
};

// The sum of energies; infinite where there are none.
double TotalOf(const std::map<std::string, double>& energies);

// Solves the stages in turn, each from where the one before ended. `stopwatch` started with the fit, whose
// max_time it measures. A solve that fails leaves the variables as they were.
Fit RunStages(const Scene& scene, const FitOptions& options, const State& start, const Stopwatch& stopwatch);

// The noise of the keypoints where the last stage has a reference_noise and all stages were run to their end.
std::optional<Noise> NoiseToBalanceBy(const Scene& scene, const FitOptions& options, const Fit& fit);

// Solves the last stage once more, with weights that follow the noise: that of the options where it is told.
void BalanceByNoise(
    Noise noise, const Scene& scene, const FitOptions& options, const Stopwatch& stopwatch, Fit* fit);

}  // namespace smplceres
