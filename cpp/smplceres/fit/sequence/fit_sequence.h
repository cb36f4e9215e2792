// Many frames of one person fitted together: one shape, one zoom per camera, and motion between frames.
#pragma once

#include <limits>
#include <vector>

#include "smplceres/base/interrupted.h"
#include "smplceres/fit/single/solve_stages.h"
#include "smplceres/objective/sequence_objective.h"

namespace smplceres {

struct SequenceOptions {
  std::vector<Stage> stages;
  int held = 0;  // number of first frames that are constant, those of the window before
  bool shared =
      true;  // whether shape and cameras are free; if not, those of the first frame are used for all
  double max_time = std::numeric_limits<double>::infinity();  // seconds
  Interrupted interrupted;                                    // may be empty
};

struct SequenceFit : StagesFit {  // energies: of all frames together
  std::vector<State> frames;      // all with the same betas, zooms and camera motions
};

// initial: one per frame; betas and zooms are taken from the first. Frames without visible keypoints are
// constrained by their neighbours. Throws std::invalid_argument as SequenceObjective does, and for an initial
// estimate behind a camera.
SequenceFit FitSequence(const std::vector<Scene>& frames,
                        const std::vector<double>& times,
                        const SequenceOptions& options,
                        const std::vector<Variables>& initial);

}  // namespace smplceres
