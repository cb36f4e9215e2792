// Estimates the cameras of a clip before the clip is fitted.
#pragma once

#include "smplceres/fit/sequence/clip_run.h"

namespace smplceres {

// Alternates between fitting frames spread over the clip alone, and solving them together with free cameras
// and without terms between frames; errors of the cameras by a few degrees would otherwise bias frames fitted
// alone. Sets the run's cameras. Throws std::invalid_argument if no frame can be fitted.
void RefineCameras(ClipRun* run);

}  // namespace smplceres
