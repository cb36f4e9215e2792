// Fits many bodies independently, for example the people in many images or the frames of a clip.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "smplceres/fit/single/fit.h"

namespace smplceres {

struct FrameFit {
  std::optional<Fit> fit;
  std::string error;  // message if there is no fit
};

// Results are in the order of frames and identical for any number of threads; a frame that cannot be fitted
// does not stop the others. initial: empty, or one per frame, of which empty ones are initialised. The
// options' max_time applies to each fit. If interrupted, frames not yet started have neither fit nor error.
std::vector<FrameFit> FitFrames(const std::vector<Scene>& frames,
                                const FitOptions& options,
                                const std::vector<std::optional<Variables>>& initial,
                                int threads);

}  // namespace smplceres
