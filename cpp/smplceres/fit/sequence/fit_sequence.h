// Many frames of one person fitted together: one shape, one zoom per camera, and motion between frames.
#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "smplceres/fit/single/fit.h"
#include "smplceres/objective/sequence_objective.h"

namespace smplceres {

struct SequenceOptions {
  std::vector<Stage> stages;
  int held = 0;        // the first frames stay as given: a window goes on from the one before it
  bool shared = true;  // shape and zooms are found; otherwise those of the first frame are everybody's
  double max_time = std::numeric_limits<double>::infinity();  // seconds
  Interrupted interrupted;                                    // may be empty
};

struct SequenceFit {
  std::vector<State> frames;  // all with the same betas, zooms and camera motions
  std::vector<StageSummary> stages;
  std::map<std::string, double> energies;  // of the last stage run, by term, all frames together
  bool converged = false;
  bool interrupted = false;
  std::string message;
};

// initial: one per frame; betas and zooms are the first's. Frames that no view sees are told by their
// neighbours. Throws std::invalid_argument as SequenceObjective, and for a start that is behind a camera.
SequenceFit FitSequence(const std::vector<Scene>& frames,
                        const std::vector<double>& times,
                        const SequenceOptions& options,
                        const std::vector<Variables>& initial);

}  // namespace smplceres
