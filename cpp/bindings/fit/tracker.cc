// The tracker of one person in a stream.
#include "smplceres/fit/live/tracker.h"

#include <pybind11/stl.h>

#include <memory>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/docs.h"
#include "bindings/signals.h"

namespace smplceres::bindings {
namespace {

// A tracker with shared ownership of its arguments. Updates are serialised.
class OwnedTracker {
 public:
  OwnedTracker(std::shared_ptr<BodyModel> model, TrackerOptions options)
      : model_(std::move(model)), tracker_(*model_, std::move(options)) {}

  TrackStatus Update(const Scene& scene, double time) {
    return WithoutGil([&](const Interrupted& interrupted) {
      const std::lock_guard<std::mutex> lock(mutex_);
      return tracker_.Update(scene, time, interrupted);
    });
  }

  template <typename Function>
  auto Locked(Function function) {
    const py::gil_scoped_release release;
    const std::lock_guard<std::mutex> lock(mutex_);
    return function(tracker_);
  }

 private:
  std::shared_ptr<BodyModel> model_;
  std::mutex mutex_;
  Tracker tracker_;
};

const char* NameOf(TrackStatus status) {
  switch (status) {
    case TrackStatus::kStarting:
      return "starting";
    case TrackStatus::kTracked:
      return "tracked";
    case TrackStatus::kPredicted:
      return "predicted";
    case TrackStatus::kLost:
      break;
  }
  return "lost";
}

std::unique_ptr<OwnedTracker> MakeTracker(std::shared_ptr<BodyModel> model,
                                          const std::vector<Stage>& cold,
                                          const Stage& stage,
                                          const Array& start_pose,
                                          double budget,
                                          int lag) {
  TrackerOptions options;
  options.cold = cold;
  options.stage = stage;
  options.start_pose = ToFiniteVector("start_pose", start_pose, model->num_pose_angles());
  options.budget = budget;
  options.lag = lag;
  return std::make_unique<OwnedTracker>(std::move(model), std::move(options));
}

}  // namespace

void BindTracker(py::module_& m) {
  py::class_<OwnedTracker>(
      m, "Tracker", "Tracks one person in a stream; updates from several threads are serialised.")
      .def(py::init(&MakeTracker),
           Doc(R"(Args:
               model: the body.
               cold: stages of the initial fit, one or more.
               stage: of an update; minimizer "lm", linear solver "auto".
               start_pose: (3(J-1),) radians.
               budget: seconds per update, > 0, or infinity.
               lag: number of earlier frames that are solved with the newest, >= 1.

           Raises:
               ValueError: options out of range.
           )"),
           py::kw_only(),
           py::arg("model").none(false),
           py::arg("cold"),
           py::arg("stage"),
           py::arg("start_pose"),
           py::arg("budget"),
           py::arg("lag"))
      .def(
          "update",
          [](OwnedTracker& tracker, const Scene& scene, double time) {
            return NameOf(tracker.Update(scene, time));
          },
          Doc(R"(Updates the state by the observations of a frame; "lost", "starting", "tracked" or "predicted".

           Raises:
               ValueError: a time that is not later than the last; the state does not change.
           )"),
          py::arg("scene"),
          py::arg("time"))
      .def(
          "predict",
          [](OwnedTracker& tracker, double time) {
            return tracker.Locked([&](Tracker& at) { return at.Predict(time); });
          },
          "Predicted variables at a time, seconds.",
          py::arg("time"))
      .def(
          "reset",
          [](OwnedTracker& tracker) { tracker.Locked([](Tracker& at) { at.Reset(); }); },
          "Resets the state and the time.")
      .def(
          "state",
          [](OwnedTracker& tracker) { return tracker.Locked([](Tracker& at) { return at.state(); }); },
          "The variables at the last update.")
      .def(
          "smoothed",
          [](OwnedTracker& tracker) {
            std::vector<std::pair<double, Variables>> frames;
            for (const RecentFrames::At& frame : tracker.Locked([](Tracker& at) { return at.Smoothed(); }))
              frames.emplace_back(frame.time, frame.at);
            return frames;
          },
          "Times (seconds) and variables of the frames of the window, the oldest first.")
      .def(
          "velocity",
          [](OwnedTracker& tracker) {
            const Eigen::VectorXd v = tracker.Locked([](Tracker& at) { return at.velocity(); });
            return ToArray(v, {v.size()});
          },
          "(F,) rate of the frame block per second; of the root, rotation about world axes, radians.")
      .def(
          "newest_step",
          [](OwnedTracker& tracker) -> std::optional<std::tuple<double, double, Array, Array>> {
            const auto [elapsed, step] =
                tracker.Locked([](Tracker& at) { return std::pair(at.since_newest(), at.NewestStep()); });
            if (!step) return std::nullopt;
            const Eigen::Index F = step->by_state.rows(), N = step->by_state.cols();
            return std::tuple(step->dt,
                              elapsed,
                              Array(ToArray(step->by_state, {F, N})),
                              Array(ToArray(step->covariance, {F, F})));
          },
          Doc(R"(The change of the frame block from the frame before the newest to the newest.

           Returns:
               seconds between them; seconds since the newest; (F, F + B) its derivative A with respect to
               [frame | betas] of the newest; (F, F) the covariance C of the part that is independent of
               them, in the units of energies. The covariance of the step is A H^-1 A^T + C. None for the first frame.
           )"))
      .def(
          "walk_information",
          [](OwnedTracker& tracker) {
            const Eigen::VectorXd M =
                tracker.Locked([](Tracker& at) { return at.walk().Information(at.state().layout, 1.0); });
            return ToArray(M, {M.size()});
          },
          "(F,) inverse variances of the random walk after a second, in the units of energies.")
      .def_property_readonly(
          "velocity_time",
          [](OwnedTracker& tracker) {
            return tracker.Locked([](Tracker& at) { return at.velocity_time(); });
          },
          "Time constant of the average and of the decay of velocities, seconds.")
      .def(
          "information",
          [](OwnedTracker& tracker) {
            const RowMatrix H = tracker.Locked([](Tracker& at) { return RowMatrix(at.Information()); });
            return ToArray(H, {H.rows(), H.cols()});
          },
          "(F + B, F + B) J^T J over [frame | betas], in the units of energies.")
      .def(
          "energies",
          [](OwnedTracker& tracker) { return tracker.Locked([](Tracker& at) { return at.energies(); }); },
          "sum |r|^2 of each term at the last update.")
      .def(
          "iterations",
          [](OwnedTracker& tracker) { return tracker.Locked([](Tracker& at) { return at.iterations(); }); },
          "Number of iterations of the last update.");
}

}  // namespace smplceres::bindings
