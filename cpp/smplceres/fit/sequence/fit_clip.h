// The fit of a clip: all frames of one person, with one shape and motion that is smooth in time.
//
//   1. Cameras, where they are refined: camera_rounds.h
//   2. Every frame alone, from several initial estimates, and the cheapest path through the candidates that
//      this gives, so that a limb that flips for a few frames is set right: frames_alone.h
//   3. All frames together from that path; of a long clip first the shape, then window by window: windows.h
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

// Number of frames that a window shares with the next: far from the end of a window its motion no longer
// depends on where it ends. The next window continues from the last two
// frames of the first half of the overlap.
constexpr int kWindowOverlap = 30;
constexpr int kMinWindow = 2 * kWindowOverlap;
constexpr int kDefaultWindow = 240;

struct ClipOptions {
  std::vector<Stage> stages_alone = DefaultStages(false);  // of every frame alone
  // Of all frames together; the weights of the shape and camera priors grow with the root of their number.
  std::vector<Stage> stages_together = SequenceStages();
  // Weight of a squared standard deviation on the scale of stages_alone, > 0.
  double gaussian_weight = kGaussianWeight;
  Eigen::VectorXd start_pose;   // 3 (J - 1), radians
  int window = kDefaultWindow;  // frames that are solved together, >= kMinWindow
  int threads = 1;
  // Set where cameras are refined: the cameras of the views, known, at the variables that were found.
  std::function<std::vector<Camera>(const Variables& found)> refined_cameras;
  Interrupted interrupted;  // may be empty
};

struct ClipFit {
  std::vector<Variables> frames;                  // all with the same betas, zooms and camera motions
  std::vector<std::vector<StageSummary>> stages;  // of each window
  std::map<std::string, double> energies;         // at the end, by term, of all windows
  bool converged = true;                          // the last stage of every window did
};

// The options' `interrupted` asked to stop.
class ClipInterrupted : public std::runtime_error {
 public:
  ClipInterrupted() : std::runtime_error("interrupted: a clip's fit was stopped") {}
};

// A pure function of its inputs: with the steps that a stopped run saved, the result is that of a run that
// went through. times: seconds, ascending, one per frame. Throws std::invalid_argument as FitSequence, for
// options out of range, and where no frame can be fitted; ClipInterrupted.
ClipFit FitClip(const std::vector<Scene>& frames,
                const std::vector<double>& times,
                const ClipOptions& options,
                const ClipCallbacks& callbacks);

}  // namespace smplceres
