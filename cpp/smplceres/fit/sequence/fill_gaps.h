// Interpolates initial estimates for all frames of a clip from those of some frames.
#pragma once

#include <vector>

#include "smplceres/objective/variables.h"

namespace smplceres {

// frames: indices of the frames of `variables`, ascending, at least one. times: of all frames. Poses and
// positions are interpolated between these frames, and constant before the first and after the last; shape
// and zooms are medians. The result has no camera motions.
std::vector<Variables> FillGaps(const std::vector<int>& frames,
                                const std::vector<Variables>& variables,
                                const std::vector<double>& times);

}  // namespace smplceres
