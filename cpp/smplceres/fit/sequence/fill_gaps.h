// Initial estimates for all frames of a clip from those of some.
#pragma once

#include <vector>

#include "smplceres/objective/variables.h"

namespace smplceres {

// frames: numbers of those that `variables` are of, ascending, at least one. times: of all frames. Poses
// and places are interpolated, constant before the first and after the last; shape and zooms are medians.
// There are no camera motions.
std::vector<Variables> FillGaps(const std::vector<int>& frames,
                                const std::vector<Variables>& variables,
                                const std::vector<double>& times);

}  // namespace smplceres
