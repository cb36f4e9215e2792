// Solves all frames of a clip together; long clips in windows, each of which continues the one before.
#pragma once

#include <vector>

#include "smplceres/fit/sequence/clip_run.h"

namespace smplceres {

// Sets shape and cameras of the whole path to those of frames spread over the clip, which are solved together
// without terms between frames.
void ShareShape(ClipRun* run, std::vector<Variables>* path);

// Solves the clip from initial estimates of all frames: as one window, or window by window with constant
// shape and cameras.
ClipFit FitWindows(ClipRun* run, const std::vector<Variables>& path);

}  // namespace smplceres
