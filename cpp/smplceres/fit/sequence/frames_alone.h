// Every frame of a clip by itself.
#pragma once

#include <string>
#include <vector>

#include "smplceres/fit/sequence/candidates.h"
#include "smplceres/fit/sequence/clip_run.h"

namespace smplceres {

// Of every frame chosen, fitted from its keypoints alone: one candidate, or none where it cannot be fitted.
std::vector<std::vector<Candidate>> FitFramesAlone(ClipRun* run,
                                                   const std::string& what,
                                                   const std::vector<int>& chosen);

// Where no frame has a candidate.
[[noreturn]] void ThrowNobody(const ClipRun& run);

// Initial estimates of all frames. Each frame is fitted alone, and once more from its neighbours' fits and
// from its fit with parts mirrored in depth (depth_flips.h). Of these candidates the path is taken for which
//
//   sum_f E_f  +  w sum_f |x_f - x_{f-1}|^2 / (s^2 (t_f - t_{f-1}))
//
// is minimal: E the candidates' energies, x their joints (metres), t seconds, s how far a joint's place
// wanders, w = gaussian_weight. Frames without a candidate are filled in between. Throws
// std::invalid_argument where no frame has one.
std::vector<Variables> PathOfFramesAlone(ClipRun* run);

}  // namespace smplceres
