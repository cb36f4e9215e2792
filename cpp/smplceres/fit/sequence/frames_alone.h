// Fits every frame of a clip alone.
#pragma once

#include <string>
#include <vector>

#include "smplceres/fit/sequence/candidates.h"
#include "smplceres/fit/sequence/clip_run.h"

namespace smplceres {

// Fits each chosen frame from its keypoints: one candidate, or none if it cannot be fitted.
std::vector<std::vector<Candidate>> FitFramesAlone(ClipRun* run,
                                                   const std::string& what,
                                                   const std::vector<int>& chosen);

// Throws the error for a clip in which no frame has a candidate.
[[noreturn]] void ThrowNobody(const ClipRun& run);

// Initial estimates of all frames. Each frame is fitted alone, and again from its neighbours' fits and from
// depth flips of its fit (depth_flips.h). The result is the path through these candidates for which
//
//   sum_f E_f  +  w sum_f |x_f - x_{f-1}|^2 / (s^2 (t_f - t_{f-1}))
//
// is minimal, with E the candidates' energies, x their joints (metres), t the times (seconds), s the standard
// deviation of a joint's random walk and w = gaussian_weight. Frames without a candidate are interpolated.
// Throws std::invalid_argument if no frame has one.
std::vector<Variables> PathOfFramesAlone(ClipRun* run);

}  // namespace smplceres
