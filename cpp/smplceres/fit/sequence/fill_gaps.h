// Initial estimates for all frames of a clip from those of some.
#pragma once

#include <vector>

#include "smplceres/objective/variables.h"

namespace smplceres {

// frames: numbers of those that `variables` are of, ascending, at least one. times: of all frames. Between
// two frames poses and places are interpolated, before the first and after the last they stay; shape and
// zooms are the medians of all. No cameras move.
std::vector<Variables> FillGaps(const std::vector<int>& frames,
                                const std::vector<Variables>& variables,
                                const std::vector<double>& times);

}  // namespace smplceres
