#include "smplceres/sequence.h"

#include <stdexcept>

#include "body_data.h"
#include "cameras.h"
#include "scenes.h"
#include "settings.h"
#include "smplceres/fit/sequence/fit_clip.h"

namespace smplceres {

ClipResult FitKeypointClip(const Body& body,
                           const std::vector<Keypoints>& keypoints,
                           const std::vector<double>& times,
                           const PinholeCamera& camera,
                           const ClipSettings& settings) {
  if (keypoints.empty()) throw std::invalid_argument("keypoints: expected at least one frame, got none");
  std::vector<Scene> scenes;
  for (const Keypoints& frame : keypoints)
    scenes.push_back(MakeScene(body.data(), {frame}, {camera}, settings.betas));
  ClipOptions options;
  options.start_pose = body.data().start_pose;
  options.window = settings.window;
  options.threads = NumThreads(settings.threads);
  const ClipFit fit = FitClip(scenes, times, options, {});

  ClipResult result;
  for (const Variables& frame : fit.frames) {
    result.frames.push_back(ParametersOf(frame));
    result.joints.push_back(body.Joints(result.frames.back()));
  }
  result.camera = Zoomed(camera, fit.frames.front().log_zoom[0]);
  result.energies = fit.energies;
  result.converged = fit.converged;
  return result;
}

}  // namespace smplceres
