// Tracks one person in a stream of keypoints.
#pragma once

#include <Eigen/Core>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "smplceres/body.h"
#include "smplceres/camera.h"
#include "smplceres/export.h"
#include "smplceres/keypoints.h"

namespace smplceres {

enum class TrackingStatus { kLost, kStarting, kTracked, kPredicted };

// "lost", "starting", "tracked" or "predicted".
SMPLCERES_EXPORT const char* ToString(TrackingStatus status);

struct TrackerSettings {
  double budget = std::numeric_limits<double>::infinity();  // solver time per update, seconds, > 0
  int lag = 2;                                              // number of smoothed frames before the newest
  Eigen::VectorXd betas;  // B, constant betas of a known person; empty: estimated
};

struct TrackedPerson : BodyParameters {
  double timestamp = 0.0;  // seconds
  TrackingStatus status = TrackingStatus::kLost;
  Rows3 joints;  // J x 3, metres
  // Per second, of the numbers of a frame: [root 3 | body_pose | transl | further], in radians (the root's
  // about world axes), metres and coefficients. Of a body whose fingers follow components, body_pose ends
  // before the fingers, and further are the components of the left and the right hand, then the expression.
  Eigen::VectorXd velocity;
  // Inverse covariance, N x N, of these numbers and betas, from all frames so far and the
  // priors; zero while no person is tracked.
  Eigen::MatrixXd information;
  std::map<std::string, double> energies;

  // N x N; variances are infinite while no person is tracked.
  SMPLCERES_EXPORT Eigen::MatrixXd Covariance() const;

  bool known() const { return status == TrackingStatus::kTracked || status == TrackingStatus::kPredicted; }
};

// Calls are serialised; several trackers are independent.
class SMPLCERES_EXPORT PersonTracker {
 public:
  // camera: static. Like all functions below, throws std::invalid_argument.
  PersonTracker(const Body& body, const PinholeCamera& camera, const TrackerSettings& settings = {});
  ~PersonTracker();
  PersonTracker(PersonTracker&&) noexcept;
  PersonTracker& operator=(PersonTracker&&) noexcept;

  // Processes the keypoints at `timestamp` (seconds, later than the last). All confidences are 0 if no person
  // was detected. If it throws, the tracker is unchanged.
  TrackedPerson Update(const Keypoints& keypoints, double timestamp);

  // 3 J x 3, metres^2: the covariance of each joint, one below the other; infinite variances while no person
  // is tracked.
  Eigen::MatrixXd JointCovariances(const TrackedPerson& person) const;

  // J, metres: root of the mean variance over the axes; infinite while no person is tracked.
  Eigen::VectorXd JointStd(const TrackedPerson& person) const;

  // The predicted state. Throws while no person is tracked.
  BodyParameters Predict(double timestamp) const;

  // Forgets the person and the time.
  void Reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace smplceres
