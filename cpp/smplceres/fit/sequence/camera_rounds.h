// Where the cameras of a clip are, found before the clip is fitted.
#pragma once

#include "smplceres/fit/sequence/clip_run.h"

namespace smplceres {

// Fits frames from all over the clip alone, and then together with free cameras and without terms between
// frames, in turns: with cameras a few degrees off, bodies of frames fitted alone are off as well. Sets the
// run's cameras. Throws std::invalid_argument where no frame can be fitted.
void RefineCameras(ClipRun* run);

}  // namespace smplceres
