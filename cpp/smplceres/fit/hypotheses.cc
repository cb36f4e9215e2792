#include "smplceres/fit/hypotheses.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "smplceres/fit/depth_flips.h"
#include "smplceres/fit/parallel.h"

namespace smplceres {
namespace {

constexpr double kClearlyLower = 0.8;
constexpr int kRounds = 2;

// The last stage from each flip of a fit, in order.
std::vector<Fit> SolveFlips(const Observations& observations,
                            const Priors& priors,
                            const FitOptions& options,
                            const Stopwatch& stopwatch,
                            const std::vector<DepthFlip>& flips,
                            const InitialPlace& place) {
  FitOptions last = options;
  last.stages = {options.stages.back()};
  std::vector<std::optional<Fit>> found(flips.size());
  RunJobs(static_cast<int>(flips.size()),
          options.threads,
          options.interrupted,
          [&](int i, const Interrupted& interrupted) {
            const size_t k = static_cast<size_t>(i);
            FitOptions of_job = last;
            of_job.interrupted = interrupted;
            found[k] = RunStages(observations, priors, of_job, {flips[k].variables, place}, stopwatch);
          });
  std::vector<Fit> solved;
  for (std::optional<Fit>& each : found)
    if (each && !each->stages.empty()) solved.push_back(std::move(*each));
  return solved;
}

// Takes where another fit ended, and counts what it did as part of the last stage.
void Take(Fit other, Fit* fit) {
  fit->stages.back().GoOn(std::move(other.stages.back()));
  fit->variables = std::move(other.variables);
  fit->energies = std::move(other.energies);
  fit->converged = other.converged;
  fit->message = std::move(other.message);
}

}  // namespace

double Doubt(const Observations& observations, const Noise& noise, const Fit& fit) {
  const Stage& stage = fit.last_stage;
  const auto keypoints = fit.energies.find("reprojection");
  if (keypoints == fit.energies.end()) return 0.0;
  int coordinates = 0;
  for (const View& view : observations.views) coordinates += 2 * static_cast<int>(view.Visible().size());
  const double s = std::max(noise.sigma_px * noise.unit, 1.0);
  const double of_keypoints = keypoints->second / (s * s);
  const double of_body = (fit.cost() - keypoints->second) / (stage.reference_noise * stage.reference_noise);
  return (of_keypoints + of_body) / std::max(coordinates, 1);
}

bool TryDepthFlips(const Observations& observations,
                   const Priors& priors,
                   const FitOptions& options,
                   const Stopwatch& stopwatch,
                   Fit* fit) {
  bool taken = false;
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<DepthFlip> flips = DepthFlips(observations, fit->variables);
    std::vector<Fit> solved = SolveFlips(observations, priors, options, stopwatch, flips, fit->place);
    if (solved.empty()) break;
    fit->num_starts += static_cast<int>(solved.size());
    for (const Fit& each : solved) {
      fit->hypotheses.push_back({each.variables, each.energies});
      fit->interrupted = fit->interrupted || each.interrupted;
    }
    const auto best = std::min_element(
        solved.begin(), solved.end(), [](const Fit& a, const Fit& b) { return a.cost() < b.cost(); });
    if (fit->interrupted || !(best->cost() < kClearlyLower * fit->cost())) break;
    fit->hypotheses.push_back({fit->variables, fit->energies});
    Take(std::move(*best), fit);
    taken = true;
  }
  return taken;
}

}  // namespace smplceres
