#include "smplceres/fit/sequence/clip_run.h"

#include <cmath>
#include <utility>

namespace smplceres {

ClipRun::ClipRun(const std::vector<Scene>& frames,
                 const std::vector<double>& times,
                 const ClipOptions& options,
                 const ClipCallbacks& callbacks)
    : frames_(frames), times_(times), options_(options), callbacks_(callbacks) {}

Scene ClipRun::SceneOf(int frame) const {
  Scene scene = frames_[static_cast<size_t>(frame)];
  for (size_t v = 0; v < cameras_.size(); ++v) scene.views[v].camera = cameras_[v];
  return scene;
}

void ClipRun::SetCameras(const Variables& found) {
  std::vector<Camera> cameras = options_.refined_cameras(found);
  if (cameras.size() != num_views())
    throw std::invalid_argument("refined_cameras: expected one per view, " + std::to_string(num_views()) +
                                ", got " + std::to_string(cameras.size()));
  cameras_ = std::move(cameras);
  found_ = found;
}

Variables ClipRun::WithCameras(const Variables& variables) const {
  return WithCamerasOf(found_ ? *found_ : variables, variables);
}

ClipStep ClipRun::Step(const std::string& name, const std::function<ClipStep()>& compute) {
  if (callbacks_.load)
    if (std::optional<ClipStep> step = callbacks_.load(name)) return std::move(*step);
  ClipStep step = compute();
  if (stopped_) throw ClipInterrupted();
  if (callbacks_.save) callbacks_.save(name, step);
  return step;
}

void ClipRun::Progress(const std::string& what, int done, int total) const {
  if (callbacks_.progress) callbacks_.progress(what, done, total);
}

Interrupted ClipRun::interrupted() {
  return [this] {
    stopped_ = stopped_ || (options_.interrupted && options_.interrupted());
    return stopped_;
  };
}

SequenceFit ClipRun::Solve(const std::vector<int>& chosen,
                           const std::vector<Variables>& initial,
                           int held,
                           bool shared,
                           std::vector<Stage> stages) {
  // Errors of neighbouring frames are correlated, so n frames constrain shared variables less than n
  // independent images would.
  const double prior_factor = std::pow(static_cast<double>(chosen.size()), 0.5);
  for (Stage& stage : stages) {
    stage.solver.num_threads = options_.threads;
    stage.shape_prior.weight *= prior_factor;
    stage.camera_prior.weight *= prior_factor;
  }
  std::vector<Scene> scenes;
  std::vector<double> times;
  for (const int f : chosen) {
    scenes.push_back(frames_[static_cast<size_t>(f)]);
    times.push_back(times_[static_cast<size_t>(f)]);
  }
  SequenceOptions options;
  options.stages = std::move(stages);
  options.held = held;
  options.shared = shared;
  options.interrupted = interrupted();
  return FitSequence(scenes, times, options, initial);
}

Variables ClipRun::SolveUncoupled(const std::string& name,
                                  const std::vector<int>& chosen,
                                  const std::vector<Variables>& initial) {
  const ClipStep step = Step(name, [&] {
    std::vector<Stage> stages = options_.stages_together;
    for (Stage& stage : stages) stage.acceleration.weight = stage.rotation_walk.weight = 0.0;
    const SequenceFit fit = Solve(chosen, initial, 0, true, std::move(stages));
    ClipStep first;
    PackVariables({fit.frames[0].variables}, &first);
    return first;
  });
  return UnpackVariables(model(), num_views(), step, 1)[0];
}

std::vector<int> ClipRun::Spread(int count) const {
  const double step = static_cast<double>(size() - 1) / (count - 1);
  std::vector<int> frames;
  for (int i = 0; i < count; ++i) {
    const int frame = static_cast<int>(std::nearbyint(i * step));
    if (frames.empty() || frame > frames.back()) frames.push_back(frame);
  }
  return frames;
}

Variables WithCamerasOf(const Variables& cameras, const Variables& variables) {
  Variables with = variables;
  with.SetRootRotation(Exp(variables.GlobalOrient()));
  with.log_zoom = cameras.log_zoom;
  with.camera_motion = cameras.camera_motion;
  return with;
}

}  // namespace smplceres
