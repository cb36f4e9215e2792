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
  int held = 0;        // number of first frames held constant: those of the window before
  bool shared = true;  // shape and zooms are free; otherwise those of the first frame hold for all
  double max_time = std::numeric_limits<double>::infinity();  // seconds
  Interrupted interrupted;                                    // may be empty
};

struct SequenceFit : StagesFit {  // energies: of all frames together
  std::vector<State> frames;      // all with the same betas, zooms and camera motions
};

// initial: one per frame; betas and zooms are the first's. Frames that no view sees are constrained by
// their neighbours. Throws std::invalid_argument as SequenceObjective, and for a start that is behind a
// camera.
SequenceFit FitSequence(const std::vector<Scene>& frames,
                        const std::vector<double>& times,
                        const SequenceOptions& options,
                        const std::vector<Variables>& initial);

}  // namespace smplceres
