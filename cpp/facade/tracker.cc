#include "smplceres/tracker.h"

#include <cmath>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "body_data.h"
#include "scenes.h"
#include "smplceres/fit/live/tracker.h"
#include "smplceres/math/posterior.h"
#include "smplceres/objective/points_jacobian.h"
#include "smplceres/objective/presets.h"

namespace smplceres {
namespace {

TrackingStatus ToFacade(TrackStatus status) {
  switch (status) {
    case TrackStatus::kStarting:
      return TrackingStatus::kStarting;
    case TrackStatus::kTracked:
      return TrackingStatus::kTracked;
    case TrackStatus::kPredicted:
      return TrackingStatus::kPredicted;
    case TrackStatus::kLost:
      break;
  }
  return TrackingStatus::kLost;
}

TrackerOptions ToOptions(const TrackerSettings& settings, const Body::Data& data) {
  TrackerOptions options;
  options.cold = TrackerColdStages();
  options.stage = TrackerStage();
  options.start_pose = data.start_pose;
  options.budget = settings.budget;
  options.lag = settings.lag;
  return options;
}

}  // namespace

const char* ToString(TrackingStatus status) {
  switch (status) {
    case TrackingStatus::kStarting:
      return "starting";
    case TrackingStatus::kTracked:
      return "tracked";
    case TrackingStatus::kPredicted:
      return "predicted";
    case TrackingStatus::kLost:
      break;
  }
  return "lost";
}

struct PersonTracker::State {
  State(const Body& body, const PinholeCamera& camera, const TrackerSettings& settings)
      : body(body),
        camera(camera),
        betas(settings.betas),
        joints(*body.data().body.model),
        options(ToOptions(settings, body.data())),
        tracker(*body.data().body.model, options) {
    for (int joint = 0; joint < body.num_joints(); ++joint)
      joints.Add(*body.data().body.model, {{joint, 1.0}}, {}, Eigen::Vector3d::Zero());
  }

  Body body;
  PinholeCamera camera;
  Eigen::VectorXd betas;
  SkinnedPoints joints;
  TrackerOptions options;
  Tracker tracker;
  mutable std::mutex mutex;
};

PersonTracker::PersonTracker(const Body& body, const PinholeCamera& camera, const TrackerSettings& settings)
    : state_(std::make_unique<State>(body, camera, settings)) {}
PersonTracker::~PersonTracker() = default;
PersonTracker::PersonTracker(PersonTracker&&) noexcept = default;
PersonTracker& PersonTracker::operator=(PersonTracker&&) noexcept = default;

TrackedPerson PersonTracker::Update(const Keypoints& keypoints, double timestamp) {
  State& state = *state_;
  const Scene scene = MakeScene(state.body.data(), {keypoints}, {state.camera}, state.betas);
  const std::lock_guard<std::mutex> lock(state.mutex);
  TrackedPerson person;
  person.status = ToFacade(state.tracker.Update(scene, timestamp, {}));
  person.timestamp = timestamp;
  static_cast<BodyParameters&>(person) = ParametersOf(state.tracker.state());
  person.joints = state.body.Joints(person);
  person.velocity = state.tracker.velocity();
  person.energies = state.tracker.energies();
  // Energies are -log p times half the pose prior's weight.
  person.information = 2.0 / state.options.stage.pose_prior.weight * state.tracker.Information();
  if (!person.known()) person.information.setZero();
  return person;
}

Eigen::MatrixXd TrackedPerson::Covariance() const { return Posterior(information).Covariance(); }

Eigen::MatrixXd PersonTracker::JointCovariances(const TrackedPerson& person) const {
  const BodyModel& model = *state_->body.data().body.model;
  Variables at(model, 0);
  at.SetRootRotation(Exp(person.global_orient.data()));
  at.SetPose(Eigen::Map<const Eigen::VectorXd>(person.body_pose.data(), person.body_pose.size()));
  at.betas = person.betas;
  const Eigen::VectorXd shape = ShapeOf(model, person);
  for (const Slice& slice : at.layout.slices())
    if (slice.kind == SliceKind::kCoefficients)
      at.Of(slice) = shape.segment(model.num_betas() + slice.begin - at.layout.coefficients(), slice.size);
  at.Transl() = person.transl;
  return Posterior(person.information)
      .CovarianceBlocks(LinearizePoints(model, state_->joints, at).jacobian, 3);
}

Eigen::VectorXd PersonTracker::JointStd(const TrackedPerson& person) const {
  const Eigen::MatrixXd covariances = JointCovariances(person);
  Eigen::VectorXd std(covariances.rows() / 3);
  for (Eigen::Index joint = 0; joint < std.size(); ++joint)
    std[joint] = std::sqrt(covariances.middleRows<3>(3 * joint).trace() / 3.0);
  return std;
}

BodyParameters PersonTracker::Predict(double timestamp) const {
  if (!std::isfinite(timestamp))
    throw std::invalid_argument("timestamp: expected seconds, got NaN or infinity");
  const std::lock_guard<std::mutex> lock(state_->mutex);
  const TrackStatus status = state_->tracker.status();
  if (status != TrackStatus::kTracked && status != TrackStatus::kPredicted)
    throw std::invalid_argument(
        std::string("timestamp: expected a tracker that follows a person, got one that is ") +
        ToString(ToFacade(status)));
  return ParametersOf(state_->tracker.Predict(timestamp));
}

void PersonTracker::Reset() {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->tracker.Reset();
}

}  // namespace smplceres
