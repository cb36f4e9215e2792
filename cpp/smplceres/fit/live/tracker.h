// Tracks one person in a stream of images by fixed-lag smoothing.
//
// Each update solves for the newest frame, with the prediction as initial estimate and a prior from earlier
// frames; recent frames are smoothed, older ones marginalised (fit/live/recent_frames.h). Position and shape
// become more accurate with every frame, without refitting.
//
// Tracking alone does not leave a wrong local minimum (a limb that points away from the camera instead of
// towards it). If an update's energies are too high, an alternative is fitted from scratch, one stage per
// update, and replaces the state if its energy is clearly lower.
//
// A person who is not visible is predicted, with growing uncertainty. After lost_after seconds, or after too
// many updates whose keypoints disagree with the body, the person is lost. The stages of a fit from scratch
// then find the person again, as many per update as its time budget allows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "smplceres/equations/update_equations.h"
#include "smplceres/fit/live/recent_frames.h"
#include "smplceres/fit/single/run_stages.h"

namespace smplceres {

struct TrackerOptions {
  std::vector<Stage> cold;     // stages of a fit from scratch
  Stage stage;                 // stage of an update
  Eigen::VectorXd start_pose;  // 3 (J - 1), radians
  RandomWalk walk;             // motion about the prediction
  int lag = 2;                 // number of smoothed frames before the newest, >= 1
  double velocity_time = 0.1;  // time constant of the average and of the decay of velocities, seconds
  double lost_after = 0.5;     // seconds without keypoints
  int max_bad = 5;             // successive updates whose keypoints disagree with the body
  double budget = std::numeric_limits<double>::infinity();  // seconds per update
};

enum class TrackStatus { kLost, kStarting, kTracked, kPredicted };

class Tracker {
 public:
  // Throws std::invalid_argument for options out of range.
  Tracker(const BodyModel& model, TrackerOptions options);

  // Processes the observations at `time` (seconds, later than the last). Throws std::invalid_argument for any
  // other time, without changing the state.
  TrackStatus Update(const Scene& scene, double time, const Interrupted& interrupted);

  // The state at the last update, and its prediction for another time.
  const Variables& state() const { return state_; }
  Variables Predict(double time) const;

  TrackStatus status() const { return status_; }
  double time() const { return time_; }
  // Velocity of the frame block, per second; the root's is a rotation vector in world axes, radians.
  Eigen::VectorXd velocity() const;
  double velocity_time() const { return options_.velocity_time; }
  const RandomWalk& walk() const { return options_.walk; }
  // Seconds since the last frame with an image, whose velocity it is.
  double since_newest() const { return recent_.empty() ? 0.0 : time_ - recent_.newest_time(); }
  std::optional<RecentFrames::Step> NewestStep() const { return recent_.newest_step(); }
  // J^T J over [ frame | betas ] at the last linearization, including priors, in the units of energies; the
  // root's columns are rotations about world axes.
  const Eigen::MatrixXd& Information() const { return information_; }
  // The frames of the window, the oldest first, smoothed by all later observations.
  std::vector<RecentFrames::At> Smoothed() const { return recent_.smoothed(); }
  const std::map<std::string, double>& energies() const { return energies_; }
  int iterations() const { return iterations_; }

  // Forgets the person; the next one is fitted from scratch.
  void Reset();

 private:
  // An initial estimate without earlier frames, and the first cold stage to run from it.
  std::pair<State, size_t> ColdStart(const Scene& scene) const;
  void StartCold(const Scene& scene, double time, const Stopwatch& stopwatch, const Interrupted& interrupted);
  // Solves from the prediction in state_.
  void Solve(const Scene& scene, double time, const Stopwatch& stopwatch, const Interrupted& interrupted);
  // Sets the information on a person who is not visible, predicted in state_.
  void SetInformationOfPrediction(const Scene& scene, double time);
  // Starts a new window with state_.
  void Begin(const Scene& scene, double time);
  // Predicted change of the frame block from the newest frame to another time.
  Eigen::VectorXd PredictedStep(double time) const;
  void SetInformation(const UpdateEquations& equations);
  void MarkLost();
  // Runs the next stage of the alternative, or its first.
  void RunAlternative(const Scene& scene, const Stopwatch& stopwatch, const Interrupted& interrupted);

  const BodyModel& model_;
  TrackerOptions options_;
  TrackStatus status_ = TrackStatus::kLost;
  Variables state_;
  double time_ = 0.0;
  bool has_time_ = false;
  size_t next_cold_ = 0;
  int bad_ = 0;
  std::optional<Variables> alternative_;
  size_t next_of_alternative_ = 0;
  double trusted_until_ = 0.0;  // no alternative starts before this time
  int iterations_ = 0;
  RecentFrames recent_;
  Eigen::VectorXd velocity_;  // at the newest frame
  Eigen::MatrixXd information_;
  std::map<std::string, double> energies_;
};

}  // namespace smplceres
