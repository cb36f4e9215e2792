// One person followed in a stream: each update starts where the last one ended, and knows what it knew.
//
// The window is one frame. Before an update the frame before is eliminated: with H the information of its
// solution (J^T J over frame x and betas b), and the way to the new frame a random walk about the prediction,
// of information M = w / (sigma^2 dt), the Schur complement of x leaves for the new frame and b
//
//   Lambda_xx = M - M A^-1 M,   Lambda_xb = M A^-1 H_xb,   Lambda_bb = H_bb - H_bx A^-1 H_xb,   A = H_xx + M,
//
// about the prediction (terms/marginal_prior.h). So place and shape sharpen with every frame, and nothing is
// fitted again. What is wrong with one frame's shape is wrong with its neighbours', so what is known of it
// fades: Lambda_bb by exp(-dt / shape_memory). The priors of shape and pose, which each update is told anew,
// are no part of H: counted with every frame, a belief about people would become a measurement.
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

#include "smplceres/fit/run_stages.h"

namespace smplceres {

struct TrackerOptions {
  std::vector<Stage> cold;     // of a start
  Stage stage;                 // of an update
  Eigen::VectorXd start_pose;  // 3 (J - 1), radians
  // Random walk about the prediction: standard deviations after a second.
  double sigma_orient = 1.0;  // radians
  double sigma_pose = 1.0;    // radians
  double sigma_transl = 0.5;  // metres
  double weight =
      0.5 * 5.5 * 5.5;         // of a squared standard deviation, as energies of the default stages have it
  double velocity_time = 0.1;  // seconds over which velocities are averaged, and after which they fade
  double shape_memory = 3.0;   // seconds
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
  TrackStatus Update(const Observations& seen,
                     const Priors& priors,
                     double time,
                     const Interrupted& interrupted);

  // The state at the last update, or where it would be at another time.
  const Variables& state() const { return state_; }
  Variables Predict(double time) const;

  TrackStatus status() const { return status_; }
  double time() const { return time_; }
  // Of the frame block, per second: root 3 (radians, world), body_pose, transl.
  const Eigen::VectorXd& velocity() const { return velocity_; }
  // J^T J over [ frame | betas ], the priors included, in the units of energies.
  Eigen::MatrixXd Information() const;
  const std::map<std::string, double>& energies() const { return energies_; }
  int iterations() const { return iterations_; }

  // As new: the next person seen is somebody else.
  void Reset();

 private:
  void StartCold(const Observations& seen,
                 const Priors& priors,
                 const Stopwatch& stopwatch,
                 const Interrupted& interrupted);
  // H and what the priors add, of an update at the present state.
  void SetInformation(const Objective& objective);
  // Lambda of the header.
  Eigen::MatrixXd Marginal(double dt) const;
  void Solve(const Observations& seen,
             const Priors& priors,
             const Eigen::MatrixXd* marginal,
             const Stopwatch& stopwatch,
             const Interrupted& interrupted);
  void Lose();
  // A rival's next stage, or its first.
  void GrowRival(const Observations& seen,
                 const Priors& priors,
                 const Stopwatch& stopwatch,
                 const Interrupted& interrupted);

  const BodyModel& model_;
  TrackerOptions options_;
  TrackStatus status_ = TrackStatus::kLost;
  Variables state_;
  double time_ = 0.0;
  bool has_time_ = false;
  double seen_time_ = 0.0;
  size_t next_cold_ = 0;
  int bad_ = 0;
  std::optional<Variables> rival_;
  size_t next_of_rival_ = 0;
  double trusted_until_ = 0.0;  // no rival begins before
  int iterations_ = 0;
  Eigen::VectorXd velocity_;
  Eigen::MatrixXd information_;  // H: what was seen, now and before
  Eigen::MatrixXd told_;         // what the priors add to it now
  std::map<std::string, double> energies_;
};

}  // namespace smplceres
