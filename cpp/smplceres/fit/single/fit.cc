#include "smplceres/fit/single/fit.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "smplceres/base/parallel.h"
#include "smplceres/fit/single/hypotheses.h"
#include "smplceres/fit/single/noise.h"
#include "smplceres/fit/start/initialise.h"
#include "smplceres/fit/start/lifted_start.h"

namespace smplceres {
namespace {

// Runs the stages from the starts, in order, until max_time; the first always runs.
std::vector<Fit> SolveStarts(const Scene& scene,
                             const FitOptions& options,
                             const std::vector<State>& starts,
                             const Stopwatch& stopwatch) {
  std::vector<std::optional<Fit>> found(starts.size());
  RunJobs(static_cast<int>(starts.size()),
          options.threads,
          options.interrupted,
          [&](int i, const Interrupted& interrupted) {
            const size_t k = static_cast<size_t>(i);
            if (i > 0 && stopwatch.Seconds() > options.max_time) return;
            FitOptions job_options = options;
            job_options.interrupted = interrupted;
            found[k] = RunStages(scene, job_options, starts[k], stopwatch);
          });
  std::vector<Fit> fits;
  for (std::optional<Fit>& fit : found)
    if (fit) fits.push_back(std::move(*fit));
  return fits;
}

// Of the fits that completed the most stages, the one with the minimum cost, with the others as its
// hypotheses.
Fit Best(std::vector<Fit> fits) {
  size_t chosen = 0;
  bool interrupted = false;
  for (size_t k = 0; k < fits.size(); ++k) {
    interrupted = interrupted || fits[k].interrupted;
    const bool further = fits[k].completed() != fits[chosen].completed();
    if (further ? fits[k].completed() > fits[chosen].completed() : fits[k].cost() < fits[chosen].cost())
      chosen = k;
  }
  Fit best = fits[chosen];
  for (size_t k = 0; k < fits.size(); ++k)
    if (k != chosen && fits[k].completed() == best.completed())
      best.hypotheses.push_back({fits[k].state.variables, fits[k].energies});
  best.num_starts = static_cast<int>(fits.size());
  best.interrupted = interrupted;
  return best;
}

// Runs the stages from the body that the network predicts; none without a prediction.
std::optional<Fit> SolveLifted(const Scene& scene, const FitOptions& options, const Stopwatch& stopwatch) {
  const std::optional<LiftedStart> start = StartLifted(scene, options.start_pose, options.stages);
  if (!start) return std::nullopt;
  FitOptions late = options;
  late.stages.erase(late.stages.begin(),
                    late.stages.begin() + static_cast<std::ptrdiff_t>(start->first_stage));
  std::vector<Fit> fits = SolveStarts(scene, late, {start->state}, stopwatch);
  fits.front().skipped_stages = start->first_stage;
  return std::move(fits.front());
}

// Whether further starts are worth their time.
bool IsDoubtful(const Scene& scene,
                const FitOptions& options,
                const std::optional<Noise>& noise,
                const Fit& fit) {
  return options.other_starts && noise && Doubt(scene, *noise, fit) > kDoubtful;
}

}  // namespace

Fit FitBody(const Scene& scene, const FitOptions& options, const std::optional<Variables>& initial) {
  const Stopwatch stopwatch;
  scene.Check();
  if (!initial || scene.clouds.empty()) CheckVisible(scene);
  CheckStages(options.stages);
  if (options.starts < 1 || options.starts > kMaxStarts)
    throw std::invalid_argument("starts: expected 1 to " + std::to_string(kMaxStarts) + ", got " +
                                std::to_string(options.starts));
  if (!(options.sigma_px >= 0.0 && std::isfinite(options.sigma_px)))
    throw std::invalid_argument("sigma_px: expected pixels > 0, or 0 to estimate the noise, got " +
                                std::to_string(options.sigma_px));
  if (!(options.max_time > 0.0)) throw std::invalid_argument("max_time: expected seconds > 0");

  std::vector<Fit> fits;
  std::optional<Noise> noise;
  if (initial) {
    fits = SolveStarts(scene, options, {StartFrom(scene, *initial)}, stopwatch);
  } else {
    std::optional<Fit> lifted = SolveLifted(scene, options, stopwatch);
    if (lifted) noise = NoiseToBalanceBy(scene, options, *lifted);
    const bool tries_others = !lifted || (!lifted->interrupted &&
                                          (options.starts > 1 || IsDoubtful(scene, options, noise, *lifted)));
    if (tries_others) {
      std::vector<State> starts = Initialise(scene, options.start_pose, options.starts);
      if (lifted)  // equal residual units make energies comparable
        for (State& start : starts) start.place.pixels_per_metre = lifted->state.place.pixels_per_metre;
      fits = SolveStarts(scene, options, starts, stopwatch);
      noise.reset();
    }
    if (lifted) fits.push_back(std::move(*lifted));
  }
  Fit best = Best(std::move(fits));
  if (!noise) noise = NoiseToBalanceBy(scene, options, best);
  if (!initial && IsDoubtful(scene, options, noise, best) &&
      TryOtherStarts(scene, options, stopwatch, *noise, &best))
    noise = NoiseToBalanceBy(scene, options, best);
  // Solutions are compared with the same weights; only then are those of the best one balanced.
  best.hypotheses.push_back({best.state.variables, best.energies, true});
  if (noise) BalanceByNoise(*noise, scene, options, stopwatch, &best);
  std::stable_sort(best.hypotheses.begin(), best.hypotheses.end(), [](const auto& a, const auto& b) {
    return TotalOf(a.energies) < TotalOf(b.energies);
  });
  best.state.variables.WrapBodyPose();
  best.start->WrapBodyPose();
  for (StageSummary& stage : best.stages) stage.variables->WrapBodyPose();
  for (Hypothesis& hypothesis : best.hypotheses) hypothesis.variables.WrapBodyPose();
  return best;
}

}  // namespace smplceres
