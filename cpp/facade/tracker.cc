#include "smplceres/tracker.h"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "body_data.h"
#include "scenes.h"
#include "smplceres/body/kinematics.h"
#include "smplceres/body/skinned_points.h"
#include "smplceres/cost/point_chain.h"
#include "smplceres/fit/live/tracker.h"
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

// The pseudo-inverse of a symmetric matrix; eigenvalues within rounding of zero are taken as zero.
Eigen::MatrixXd PseudoInverse(const Eigen::MatrixXd& H) {
  constexpr double kRounding = 1e-15;  // relative to the largest eigenvalue
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(H);
  const Eigen::VectorXd& values = eigen.eigenvalues();
  const double smallest = kRounding * values.cwiseAbs().maxCoeff();
  const Eigen::VectorXd inverse =
      values.unaryExpr([&](double value) { return std::abs(value) > smallest ? 1.0 / value : 0.0; });
  return eigen.eigenvectors() * inverse.asDiagonal() * eigen.eigenvectors().transpose();
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

Eigen::MatrixXd TrackedPerson::Covariance() const {
  if (known()) return PseudoInverse(information);
  Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(information.rows(), information.cols());
  covariance.diagonal().setConstant(std::numeric_limits<double>::infinity());
  return covariance;
}

// Columns of the covariance: [ frame | betas ], those of the root for rotations about the world axes.
Eigen::VectorXd PersonTracker::JointStd(const TrackedPerson& at) const {
  const SkinnedPoints& joints = state_->joints;
  if (!at.known()) return Eigen::VectorXd::Constant(joints.size(), std::numeric_limits<double>::infinity());
  const BodyModel& model = *state_->body.data().body.model;
  Kinematics<double> kinematics;
  const Eigen::Matrix3d root = Exp(at.global_orient.data());
  const Eigen::VectorXd shape = ShapeOf(model, at.betas);
  kinematics.Compute(model, root, at.body_pose.data(), shape.data(), at.transl.data());
  KinematicsJacobian derivative;
  derivative.Compute(model, kinematics, Eigen::Matrix3d::Identity(), at.body_pose.data(), true);
  SkinnedPoints::Jacobian jacobian = joints.MakeJacobian();
  RowMatrix places(joints.size(), 3);
  joints.Evaluate(kinematics, derivative, shape.data(), true, places.data(), &jacobian);
  const Eigen::MatrixXd covariance = at.Covariance();
  const PointChain chain(model);
  RowMatrix by_frame = RowMatrix::Zero(places.size(), model.layout().size());
  RowMatrix by_betas = RowMatrix::Zero(places.size(), model.num_betas());
  for (int i = 0; i < joints.size(); ++i)
    chain.Add(RowMatrix::Identity(3, 3),
              0,
              joints,
              jacobian,
              i,
              chain.FromRow(3 * i, by_frame.data(), by_betas.data()));
  RowMatrix rows(places.size(), covariance.cols());
  rows << by_frame, by_betas;
  const Eigen::VectorXd variances = (rows * covariance).cwiseProduct(rows).rowwise().sum();
  return Eigen::Map<const Rows3>(variances.data(), joints.size(), 3).rowwise().mean().cwiseSqrt();
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
