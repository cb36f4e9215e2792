// The tracker of one person in a stream.
#include "smplceres/fit/live/tracker.h"

#include <pybind11/stl.h>

#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "arrays.h"
#include "scene.h"
#include "signals.h"

namespace smplceres::bindings {
namespace {

// A tracker with shared ownership of its arguments. Updates are serialised.
class OwnedTracker {
 public:
  OwnedTracker(std::shared_ptr<BodyModel> model,
               const PosePrior& pose_prior,
               std::shared_ptr<JointLimits> joint_limits,
               TrackerOptions options)
      : model_(std::move(model)),
        pose_prior_(pose_prior),
        joint_limits_(std::move(joint_limits)),
        tracker_(*model_, std::move(options)) {}

  TrackStatus Update(const Scene& seen, double time) {
    const Interrupted interrupted = SignalCheck();
    TrackStatus status;
    {
      const py::gil_scoped_release release;
      const std::lock_guard<std::mutex> lock(mutex_);
      status = tracker_.Update(WithPriors(seen, pose_prior_, joint_limits_), time, interrupted);
    }
    if (PyErr_Occurred() != nullptr) throw py::error_already_set();
    return status;
  }

  template <typename Function>
  auto Locked(Function function) {
    const py::gil_scoped_release release;
    const std::lock_guard<std::mutex> lock(mutex_);
    return function(tracker_);
  }

 private:
  std::shared_ptr<BodyModel> model_;
  PosePrior pose_prior_;
  std::shared_ptr<JointLimits> joint_limits_;
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
                                          const PosePrior& pose_prior,
                                          std::shared_ptr<JointLimits> joint_limits,
                                          const std::vector<Stage>& cold,
                                          const Stage& stage,
                                          const Array& start_pose,
                                          double budget,
                                          int lag) {
  TrackerOptions options;
  options.cold = cold;
  options.stage = stage;
  options.start_pose = ToFiniteVector("start_pose", start_pose, model->num_angles());
  options.budget = budget;
  options.lag = lag;
  return std::make_unique<OwnedTracker>(
      std::move(model), pose_prior, std::move(joint_limits), std::move(options));
}

}  // namespace

void BindTracker(py::module_& m) {
  py::class_<OwnedTracker>(m, "Tracker")
      .def(py::init(&MakeTracker),
           py::kw_only(),
           py::arg("model").none(false),
           py::arg("pose_prior"),
           py::arg("joint_limits"),
           py::arg("cold"),
           py::arg("stage"),
           py::arg("start_pose"),
           py::arg("budget"),
           py::arg("lag"))
      .def(
          "update",
          [](OwnedTracker& tracker, const Scene& seen, double time) {
            return NameOf(tracker.Update(seen, time));
          },
          py::arg("seen"),
          py::arg("time"))
      .def(
          "predict",
          [](OwnedTracker& tracker, double time) {
            return tracker.Locked([&](Tracker& at) { return at.Predict(time); });
          },
          py::arg("time"))
      .def("reset", [](OwnedTracker& tracker) { tracker.Locked([](Tracker& at) { at.Reset(); }); })
      .def("state",
           [](OwnedTracker& tracker) { return tracker.Locked([](Tracker& at) { return at.state(); }); })
      .def("smoothed",
           [](OwnedTracker& tracker) {
             std::vector<std::pair<double, Variables>> frames;
             for (const RecentFrames::At& frame : tracker.Locked([](Tracker& at) { return at.Smoothed(); }))
               frames.emplace_back(frame.time, frame.at);
             return frames;
           })
      .def("velocity",
           [](OwnedTracker& tracker) {
             const Eigen::VectorXd v = tracker.Locked([](Tracker& at) { return at.velocity(); });
             return ToArray(v, {v.size()});
           })
      .def("information",
           [](OwnedTracker& tracker) {
             const RowMatrix H = tracker.Locked([](Tracker& at) { return RowMatrix(at.Information()); });
             return ToArray(H, {H.rows(), H.cols()});
           })
      .def("energies",
           [](OwnedTracker& tracker) { return tracker.Locked([](Tracker& at) { return at.energies(); }); })
      .def("iterations",
           [](OwnedTracker& tracker) { return tracker.Locked([](Tracker& at) { return at.iterations(); }); });
}

}  // namespace smplceres::bindings
