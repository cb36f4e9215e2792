#include "smplceres/fit/many/fit_frames.h"

#include <stdexcept>

#include "smplceres/base/parallel.h"

namespace smplceres {

std::vector<FrameFit> FitFrames(const std::vector<Scene>& frames,
                                const FitOptions& options,
                                const std::vector<std::optional<Variables>>& initial,
                                int threads) {
  if (!initial.empty() && initial.size() != frames.size())
    throw std::invalid_argument("initial: expected one per frame, " + std::to_string(frames.size()) +
                                ", got " + std::to_string(initial.size()));
  std::vector<FrameFit> fits(frames.size());
  RunJobs(static_cast<int>(frames.size()),
          threads,
          options.interrupted,
          [&](int f, const Interrupted& interrupted) {
            const size_t frame = static_cast<size_t>(f);
            FitOptions frame_options = options;
            frame_options.interrupted = interrupted;
            try {
              fits[frame].fit = FitBody(frames[frame],
                                        frame_options,
                                        initial.empty() ? std::optional<Variables>() : initial[frame]);
            } catch (const std::invalid_argument& error) {
              fits[frame].error = error.what();
            }
          });
  return fits;
}

}  // namespace smplceres
