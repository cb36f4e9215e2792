// The fit of a clip: all frames of one person, with one shape and motion that is smooth in time.
//
//   1. Estimate the cameras, if they are refined: camera_rounds.h
//   2. Fit every frame alone from several initial estimates, and choose the cheapest path through these
//      candidates, which corrects limbs that flip for a few frames: frames_alone.h
//   3. Solve all frames together from that path; for a long clip, first the shape, then windows: windows.h
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "smplceres/base/interrupted.h"
#include "smplceres/camera/camera.h"
#include "smplceres/evidence/scene.h"
#include "smplceres/fit/sequence/steps.h"
#include "smplceres/objective/presets.h"

namespace smplceres {

// Number of frames that successive windows share. Far from the end of a window the motion does not depend on
// frames beyond it. The next window continues from the last two frames of the first half of the overlap.
constexpr int kWindowOverlap = 30;
constexpr int kMinWindow = 2 * kWindowOverlap;
constexpr int kDefaultWindow = 240;

struct ClipOptions {
  std::vector<Stage> stages_alone = DefaultStages(false);  // for each frame alone
  // For all frames together; the weights of the shape and camera priors are multiplied by
  // the root of their number.
  std::vector<Stage> stages_together = SequenceStages();
  // Weight of a squared standard deviation on the scale of stages_alone, > 0.
  double gaussian_weight = kGaussianWeight;
  Eigen::VectorXd start_pose;   // 3 (J - 1), radians
  int window = kDefaultWindow;  // maximum number of frames solved together, >= kMinWindow
  int threads = 1;
  // Not empty if cameras are refined: returns the views' cameras, with known poses, at the given variables.
  std::function<std::vector<Camera>(const Variables& found)> refined_cameras;
  Interrupted interrupted;  // may be empty
};

struct ClipFit {
  std::vector<Variables> frames;                  // all with the same betas, zooms and camera motions
  std::vector<std::vector<StageSummary>> stages;  // of each window
  std::map<std::string, double> energies;         // final energies by term, over all windows
  bool converged = true;                          // whether the last stage of every window converged
};

// Thrown when the options' `interrupted` returned true.
class ClipInterrupted : public std::runtime_error {
 public:
  ClipInterrupted() : std::runtime_error("interrupted: a clip's fit was stopped") {}
};

// A pure function of its inputs: a run resumed from saved steps has the same result as an uninterrupted one.
// times: seconds, ascending, one per frame. Throws std::invalid_argument as FitSequence does, for options out
// of range, and if no frame can be fitted; throws ClipInterrupted.
ClipFit FitClip(const std::vector<Scene>& frames,
                const std::vector<double>& times,
                const ClipOptions& options,
                const ClipCallbacks& callbacks);

}  // namespace smplceres
