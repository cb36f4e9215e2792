// Many bodies, each fitted alone: the people of many pictures, or the frames of a clip before they are fitted
// together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "smplceres/fit/single/fit.h"

namespace smplceres {

struct FrameFit {
  std::optional<Fit> fit;
  std::string error;  // why there is none
};

// In order, whatever the number of threads; what cannot be fitted does not stop the others. initial: one per
// frame, or none; those that are empty are found. max_time of the options is each fit's. Stops early where
// interrupted: frames not begun have neither fit nor error.
std::vector<FrameFit> FitFrames(const std::vector<Scene>& frames,
                                const FitOptions& options,
                                const std::vector<std::optional<Variables>>& initial,
                                int threads);

}  // namespace smplceres
