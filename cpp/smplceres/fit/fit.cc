#include "smplceres/fit/fit.h"

#include <cmath>
#include <stdexcept>
#include <utility>

namespace smplceres {
namespace {

constexpr int kMaxRounds = 1000;

}  // namespace

Fit FitBody(const Observations& observations,
            const Priors& priors,
            const FitOptions& options,
            const std::optional<Variables>& initial) {
  const Stopwatch stopwatch;
  observations.Check();
  if (!initial || observations.clouds.empty()) CheckVisible(observations);
  if (options.stages.empty()) throw std::invalid_argument("stages: expected at least one, got none");
  for (const Stage& stage : options.stages)
    if (stage.rounds < 1 || stage.rounds > kMaxRounds)
      throw std::invalid_argument("rounds: expected 1 to " + std::to_string(kMaxRounds) + " in stage " +
                                  stage.name + ", got " + std::to_string(stage.rounds));
  if (options.starts < 1 || options.starts > kMaxStarts)
    throw std::invalid_argument("starts: expected 1 to " + std::to_string(kMaxStarts) + ", got " +
                                std::to_string(options.starts));
  if (!(options.sigma_px >= 0.0 && std::isfinite(options.sigma_px)))
    throw std::invalid_argument("sigma_px: expected pixels > 0, or 0 for what is estimated, got " +
                                std::to_string(options.sigma_px));
  if (!(options.max_time > 0.0)) throw std::invalid_argument("max_time: expected seconds > 0");

  std::vector<Start> starts;
  if (initial) {
    starts.push_back(StartFrom(observations, *initial));
  } else {
    starts = Initialise(observations, options.start_pose, options.starts);
  }
  std::optional<Fit> best;
  int num_starts = 0;
  for (const Start& start : starts) {
    if (best && stopwatch.Seconds() > options.max_time) break;
    Fit fit = RunStages(observations, priors, options, start, stopwatch);
    const bool further = best && fit.stages.size() != best->stages.size();
    const bool better =
        !best || (further ? fit.stages.size() > best->stages.size() : fit.cost() < best->cost());
    const bool interrupted = fit.interrupted;
    ++num_starts;
    if (better) best = std::move(fit);
    if (interrupted) {
      best->interrupted = true;
      break;
    }
  }
  // Starts are compared by one balance; the best is then given its own.
  BalanceByNoise(observations, priors, options, stopwatch, &*best);
  best->num_starts = num_starts;
  best->variables.WrapBodyPose();
  return std::move(*best);
}

}  // namespace smplceres
