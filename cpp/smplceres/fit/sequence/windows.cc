#include "smplceres/fit/sequence/windows.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace smplceres {
namespace {

constexpr int kShapeFrames = 100;

// The frames of a window. The first `held` are the last of the window before; those from `kept` on are solved
// again by the next.
struct Window {
  int first, held, kept, last;
};

Window NextWindow(int done, int window, int count) {
  const int first = count <= window ? 0 : std::max(done - 2, 0);
  const int last = std::min(first + window, count);
  return {first, done, last == count ? last : last - kWindowOverlap / 2, last};
}

ClipStep Described(const SequenceFit& fit, const Window& window) {
  std::vector<Variables> kept;
  for (int f = window.held; f < window.kept; ++f)
    kept.push_back(fit.frames[static_cast<size_t>(f - window.first)].variables);
  ClipStep step;
  PackVariables(kept, &step);
  step.stages = fit.stages;
  step.energies = fit.energies;
  step.converged = fit.converged;
  return step;
}

}  // namespace

void ShareShape(ClipRun* run, std::vector<Variables>* path) {
  const std::vector<int> chosen = run->Spread(kShapeFrames);
  std::vector<Variables> initial;
  for (const int f : chosen) initial.push_back((*path)[static_cast<size_t>(f)]);
  const Variables found = run->SolveUncoupled("shape", chosen, initial);
  for (Variables& each : *path) {
    each = WithCamerasOf(found, each);
    each.betas = found.betas;
  }
  const int count = static_cast<int>(chosen.size());
  run->Progress("shape", count, count);
}

ClipFit FitWindows(ClipRun* run, const std::vector<Variables>& path) {
  const int count = run->size(), size = run->options().window;
  ClipFit fit;
  int done = 0;
  while (done < count) {
    const Window window = NextWindow(done, size, count);
    ClipStep step = run->Step("frames_together,_" + std::to_string(window.first), [&] {
      std::vector<int> chosen(static_cast<size_t>(window.last - window.first));
      std::iota(chosen.begin(), chosen.end(), window.first);
      std::vector<Variables> initial(fit.frames.begin() + window.first, fit.frames.end());
      initial.insert(initial.end(), path.begin() + done, path.begin() + window.last);
      return Described(
          run->Solve(
              chosen, initial, window.held - window.first, count <= size, run->options().stages_together),
          window);
    });
    std::vector<Variables> solved =
        UnpackVariables(run->model(), run->num_views(), step, static_cast<size_t>(window.kept - done));
    std::move(solved.begin(), solved.end(), std::back_inserter(fit.frames));
    done = window.kept;
    fit.stages.push_back(std::move(step.stages));
    for (const auto& [term, energy] : step.energies) fit.energies[term] += energy;
    fit.converged = fit.converged && step.converged;
    run->Progress("frames together", done, count);
  }
  return fit;
}

}  // namespace smplceres
