// What the parts of a clip's fit share: inputs, the cameras found, finished steps and interruption.
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

  // A frame; its cameras are those found by a camera round, if there was one.
  Scene SceneOf(int frame) const;

  // Variables of a camera round, whose zooms and camera motions WithCameras gives to others.
  void SetCameras(const Variables& found);
  Variables WithCameras(const Variables& variables) const;

  // The step that was saved by that name, or what `compute` gives, which is saved.
  ClipStep Step(const std::string& name, const std::function<ClipStep()>& compute);
  void Progress(const std::string& what, int done, int total) const;

  // The options' `interrupted`, which stays true once it was.
  Interrupted interrupted();

  // Solves some of the frames together, from initial estimates of each; the first `held` are constant,
  // and so are shape and cameras unless `shared`.
  SequenceFit Solve(const std::vector<int>& chosen,
                    const std::vector<Variables>& initial,
                    int held,
                    bool shared,
                    std::vector<Stage> stages);

  // The step of that name: solves some of the frames together without terms between frames. Returns the first
  // one's variables, whose shape and cameras are those of all.
  Variables SolveUncoupled(const std::string& name,
                           const std::vector<int>& chosen,
                           const std::vector<Variables>& initial);

  // Numbers of at most `count` frames, evenly spread over the clip, ascending.
  std::vector<int> Spread(int count) const;

 private:
  const std::vector<Scene>& frames_;
  const std::vector<double>& times_;
  const ClipOptions& options_;
  const ClipCallbacks& callbacks_;
  std::optional<Variables> found_;
  std::vector<Camera> cameras_;  // of the views, at found_; empty: those of the frames
  bool stopped_ = false;
};

// The same body with the zooms and camera motions of other variables. Its root orientation is rebuilt from
// its axis-angle vector, as that of variables that were saved.
Variables WithCamerasOf(const Variables& cameras, const Variables& variables);

}  // namespace smplceres
