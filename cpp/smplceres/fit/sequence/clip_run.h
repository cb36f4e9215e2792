// State shared by the parts of a clip's fit: inputs, estimated cameras, finished steps and interruption.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "smplceres/fit/sequence/fit_clip.h"
#include "smplceres/fit/sequence/fit_sequence.h"

namespace smplceres {

class ClipRun {
 public:
  // The arguments must outlive it.
  ClipRun(const std::vector<Scene>& frames,
          const std::vector<double>& times,
          const ClipOptions& options,
          const ClipCallbacks& callbacks);

  int size() const { return static_cast<int>(frames_.size()); }
  size_t num_views() const { return frames_[0].views.size(); }
  const BodyModel& model() const { return *frames_[0].model; }
  const std::vector<double>& times() const { return times_; }
  const ClipOptions& options() const { return options_; }

  // The scene of a frame, with the cameras of the last camera round, if any.
  Scene SceneOf(int frame) const;

  // SetCameras stores the zooms and camera motions of a camera round, which WithCameras
  // applies to other variables.
  void SetCameras(const Variables& found);
  Variables WithCameras(const Variables& variables) const;

  // The step saved with this name; otherwise computes and saves it.
  ClipStep Step(const std::string& name, const std::function<ClipStep()>& compute);
  void Progress(const std::string& what, int done, int total) const;

  // The options' `interrupted`; stays true after it has been true once.
  Interrupted interrupted();

  // Solves the chosen frames together from their initial estimates. The first `held` of them are constant,
  // and so are shape and cameras unless `shared` is true.
  SequenceFit Solve(const std::vector<int>& chosen,
                    const std::vector<Variables>& initial,
                    int held,
                    bool shared,
                    std::vector<Stage> stages);

  // Solves the chosen frames together without terms between frames, as the step with this name. Returns the
  // variables of the first frame, whose shape and cameras are shared by all.
  Variables SolveUncoupled(const std::string& name,
                           const std::vector<int>& chosen,
                           const std::vector<Variables>& initial);

  // Indices of at most `count` frames, spread evenly over the clip, ascending.
  std::vector<int> Spread(int count) const;

 private:
  const std::vector<Scene>& frames_;
  const std::vector<double>& times_;
  const ClipOptions& options_;
  const ClipCallbacks& callbacks_;
  std::optional<Variables> found_;
  std::vector<Camera> cameras_;  // per view, at found_; if empty, those of the frames
  bool stopped_ = false;
};

// The body of `variables` with the zooms and camera motions of `cameras`. The root orientation is recomputed
// from its axis-angle vector, as for variables that were saved and loaded.
Variables WithCamerasOf(const Variables& cameras, const Variables& variables);

}  // namespace smplceres
