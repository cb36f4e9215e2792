#include "smplceres/fit/sequence/fit_clip.h"

#include "smplceres/base/check.h"
#include "smplceres/fit/sequence/camera_rounds.h"
#include "smplceres/fit/sequence/clip_run.h"
#include "smplceres/fit/sequence/frames_alone.h"
#include "smplceres/fit/sequence/windows.h"

namespace smplceres {
namespace {

void CheckInputs(const std::vector<Scene>& frames,
                 const std::vector<double>& times,
                 const ClipOptions& options) {
  if (frames.empty() || times.size() != frames.size())
    throw std::invalid_argument("frames, times: expected as many of each, at least one, got " +
                                std::to_string(frames.size()) + " and " + std::to_string(times.size()));
  for (const Scene& frame : frames)
    if (frame.model != frames[0].model || frame.views.size() != frames[0].views.size())
      throw std::invalid_argument("frames: expected the same body and number of views in all, got others");
  const Eigen::Index angles = frames[0].model->num_pose_angles();
  if (options.start_pose.size() != angles || !options.start_pose.allFinite())
    throw std::invalid_argument("start_pose: expected " + std::to_string(angles) +
                                " finite numbers, got NaN or " + std::to_string(options.start_pose.size()));
  CheckStages(options.stages_alone);
  CheckStages(options.stages_together);
  CheckPositive("gaussian_weight", options.gaussian_weight);
  if (options.window < kMinWindow)
    throw std::invalid_argument("window: expected a whole number >= " + std::to_string(kMinWindow) +
                                ", got " + std::to_string(options.window));
}

}  // namespace

ClipFit FitClip(const std::vector<Scene>& frames,
                const std::vector<double>& times,
                const ClipOptions& options,
                const ClipCallbacks& callbacks) {
  CheckInputs(frames, times, options);
  ClipRun run(frames, times, options, callbacks);
  if (options.refined_cameras) RefineCameras(&run);
  std::vector<Variables> path = PathOfFramesAlone(&run);
  if (run.size() > options.window) ShareShape(&run, &path);
  return FitWindows(&run, path);
}

}  // namespace smplceres
