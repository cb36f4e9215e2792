// Runs all stages from one initial estimate.
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
  double sigma_px =
      0.0;  // noise of the keypoints, pixels; 0: estimated if the last stage has reference_noise
  bool other_starts = false;  // whether hypotheses of a doubtful fit are tried (fit/single/hypotheses.h)
  int threads = 1;            // for starts and flips; results are identical for any number
  int starts = 1;             // number of initial facing directions, 1 to kMaxStarts (Initialise)
  double max_time = std::numeric_limits<double>::infinity();  // seconds
  Interrupted interrupted;                                    // may be empty
};

// A solution, with its energies under the weights by which solutions are compared.
struct Hypothesis {
  Variables variables;
  std::map<std::string, double> energies;
  bool kept = false;  // whether it is the fit's solution, before its weights were balanced
};

struct Fit : StagesFit {
  explicit Fit(State state) : state(std::move(state)) {}

  // Number of stages that ran or were skipped.
  size_t completed() const { return skipped_stages + stages.size(); }

  size_t skipped_stages = 0;  // early stages that the initial estimate made unnecessary
  State state;
  Stage last_stage = {};                          // as solved, with balanced weights
  double sigma_px = 0.0;                          // noise used to balance the weights, pixels; 0: none
  std::vector<Hypothesis> hypotheses = {};        // all solutions including the fit's, by ascending energy
  int num_starts = 0;                             // number of starts tried
  std::optional<Variables> start = std::nullopt;  // initial estimate of the first stage

  double cost() const;  // sum of the energies; infinite if they could not be evaluated
};

// The sum of energies; infinite if empty.
double TotalOf(const std::map<std::string, double>& energies);

// Solves the stages in turn, each from the result of the one before. stopwatch: started with the fit, to
// enforce max_time. A failed solve leaves the variables unchanged.
Fit RunStages(const Scene& scene, const FitOptions& options, const State& start, const Stopwatch& stopwatch);

// The noise of the keypoints if the last stage has a reference_noise and all stages were completed, else
// none.
std::optional<Noise> NoiseToBalanceBy(const Scene& scene, const FitOptions& options, const Fit& fit);

// Solves the last stage once more, with weights balanced for options.sigma_px if it is > 0, or for `noise`.
void BalanceByNoise(
    Noise noise, const Scene& scene, const FitOptions& options, const Stopwatch& stopwatch, Fit* fit);

}  // namespace smplceres
