// One person followed through a stream of keypoints.
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
  double budget = std::numeric_limits<double>::infinity();  // seconds of the solving of an update, > 0
  int lag = 2;            // frames before the newest that are solved with it
  Eigen::VectorXd betas;  // B of a known person, held; empty: estimated
};

struct TrackedPerson : BodyParameters {
  double timestamp = 0.0;  // seconds
  TrackingStatus status = TrackingStatus::kLost;
  Rows3 joints;  // J x 3, metres
  // Per second: [root 3 | body_pose | transl], radians about the world's axes, metres.
  Eigen::VectorXd velocity;
  // Inverse covariance, N x N, of [root 3 | body_pose | transl | betas]: from this and all earlier frames and
  // the priors; zero while nobody is known.
  Eigen::MatrixXd information;
  std::map<std::string, double> energies;

  // N x N; infinite variances while nobody is known. Computed at each call, about as long as an update takes.
  SMPLCERES_EXPORT Eigen::MatrixXd Covariance() const;

  bool known() const { return status == TrackingStatus::kTracked || status == TrackingStatus::kPredicted; }
};

// One update at a time; several trackers are independent.
class SMPLCERES_EXPORT PersonTracker {
 public:
  // A camera that does not move. Throws std::invalid_argument, as all below.
  PersonTracker(const Body& body, const PinholeCamera& camera, const TrackerSettings& settings = {});
  ~PersonTracker();
  PersonTracker(PersonTracker&&) noexcept;
  PersonTracker& operator=(PersonTracker&&) noexcept;

  // The person as seen at `timestamp`, seconds, later than the last. Keypoints of confidence 0 throughout:
  // nobody was found. Where it throws, the tracker stays as it was.
  TrackedPerson Update(const Keypoints& keypoints, double timestamp);

  // J, metres: root of the mean variance over the axes; infinite while nobody is known.
  Eigen::VectorXd JointStd(const TrackedPerson& person) const;

  // Where the person will be. Throws while nobody is known.
  BodyParameters Predict(double timestamp) const;

  // Forgets the person and the time.
  void Reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace smplceres
