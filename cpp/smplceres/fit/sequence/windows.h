// All frames of a clip together, long clips in windows that go on from one another.
#pragma once

#include <vector>

#include "smplceres/fit/sequence/clip_run.h"

namespace smplceres {

// Gives all of the path the shape and cameras of frames from all over the clip, solved together with nothing
// between frames.
void ShareShape(ClipRun* run, std::vector<Variables>* path);

// Solves the clip from initial estimates of all frames: whole, or window by window with shape and cameras as
// they are.
ClipFit FitWindows(ClipRun* run, const std::vector<Variables>& path);

}  // namespace smplceres
