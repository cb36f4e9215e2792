// One person followed in a stream: each update starts where the last one ended, and knows what it knew.
//
// The frames seen last are solved with each new one, and what is older is eliminated
// (fit/live/recent_frames.h): place and shape sharpen with every frame, and nothing is fitted again.
//
// A step from the past does not leave a wrong mode (a limb that points away from the camera instead of
// towards it). Where an update's energies are more than such keypoints should have, a rival grows beside it:
// a cold fit, a stage an update, which takes the person's place where it meets the picture clearly better.
//
// A person who is not seen is predicted, ever less surely. After lost_after seconds, or of keypoints that the
// body does not meet, it is lost: found again by the stages of a cold fit, as many an update as its time
// allows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "smplceres/equations/update_equations.h"
#include "smplceres/fit/live/recent_frames.h"
#include "smplceres/fit/single/run_stages.h"

namespace smplceres {

struct TrackerOptions {
  std::vector<Stage> cold;     // of a start
  Stage stage;                 // of an update
  Eigen::VectorXd start_pose;  // 3 (J - 1), radians
  RandomWalk walk;             // about the prediction
  int lag = 2;                 // frames before the newest that are solved with it, >= 1
  double velocity_time = 0.1;  // seconds over which velocities are averaged, and after which they fade
  double lost_after = 0.5;     // seconds without keypoints
  int most_bad = 5;            // updates in a row that the body does not meet
  double budget = std::numeric_limits<double>::infinity();  // seconds of an update
};

enum class TrackStatus { kLost, kStarting, kTracked, kPredicted };

class Tracker {
 public:
  // Throws std::invalid_argument for options out of range.
  Tracker(const BodyModel& model, TrackerOptions options);

  // The person as seen at `time` (seconds, later than the last). Throws std::invalid_argument for another
  // time, and leaves the state as it was.
  TrackStatus Update(const Scene& scene, double time, const Interrupted& interrupted);

  // The state at the last update, or where it would be at another time.
  const Variables& state() const { return state_; }
  Variables Predict(double time) const;

  TrackStatus status() const { return status_; }
  double time() const { return time_; }
  // Of the frame block, per second; the root's is a turn about the world's axes, radians.
  Eigen::VectorXd velocity() const;
  // J^T J over [ frame | betas ] a step before, the priors included, in the units of energies; the root's
  // columns turns about the world's axes.
  const Eigen::MatrixXd& Information() const { return information_; }
  // The frames of the window, the oldest first, where all that was seen since puts them.
  std::vector<RecentFrames::At> Smoothed() const { return recent_.smoothed(); }
  const std::map<std::string, double>& energies() const { return energies_; }
  int iterations() const { return iterations_; }

  // As new: the next person seen is somebody else.
  void Reset();

 private:
  void StartCold(const Scene& scene, double time, const Stopwatch& stopwatch, const Interrupted& interrupted);
  // Solves from state_, where the person is predicted.
  void Solve(const Scene& scene, double time, const Stopwatch& stopwatch, const Interrupted& interrupted);
  // What is known of a person who is not seen, predicted to be at state_.
  void SetUnseen(const Scene& scene, double time);
  // A new window, of state_ alone.
  void Begin(const Scene& scene, double time);
  // Of the frame block, from the newest of the window to another time.
  Eigen::VectorXd PredictedStep(double time) const;
  void SetInformation(const UpdateEquations& equations);
  void Lose();
  // A rival's next stage, or its first.
  void GrowRival(const Scene& scene, const Stopwatch& stopwatch, const Interrupted& interrupted);

  const BodyModel& model_;
  TrackerOptions options_;
  TrackStatus status_ = TrackStatus::kLost;
  Variables state_;
  double time_ = 0.0;
  bool has_time_ = false;
  size_t next_cold_ = 0;
  int bad_ = 0;
  std::optional<Variables> rival_;
  size_t next_of_rival_ = 0;
  double trusted_until_ = 0.0;  // no rival begins before
  int iterations_ = 0;
  RecentFrames recent_;
  Eigen::VectorXd velocity_;  // at the newest of the window
  Eigen::MatrixXd information_;
  std::map<std::string, double> energies_;
};

}  // namespace smplceres
