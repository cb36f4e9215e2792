#include "smplceres/fit/initialise.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <stdexcept>
#include <string>

#include "smplceres/fit/align3d.h"

namespace smplceres {
namespace {

using Complex = std::complex<double>;

constexpr double kPi = 3.14159265358979323846;
constexpr int kNumYaws = 24;
constexpr double kMinSpread = 1e-3;  // m: points of the body nearer than this are one
constexpr double kNear = 0.1;        // m: depth at which a stage may start
// A yaw turned by pi counts as equally good while it leaves less than this (m, root mean square) more.
// About a third of half a shoulder's breadth: beyond it left and right shoulder tell front from back.
constexpr double kAmbiguous = 0.06;

// Body frame (y up, facing +z) seen upright from the front by a camera (y down, z forward).
Eigen::Matrix3d UprightFromBody(double yaw) {
  const Eigen::Matrix3d facing = Eigen::Vector3d(1.0, -1.0, -1.0).asDiagonal();
  return facing * Eigen::AngleAxisd(yaw, Eigen::Vector3d::UnitY()).toRotationMatrix();
}

// A keypoint and its body point.
struct Match {
  Complex x;          // normalised keypoint
  Eigen::Vector3d p;  // body point about the pelvis, body frame, metres
  double weight;      // confidence
};

struct Similarity {
  Complex a, b;
  double rms;  // what remains, in metres on the body; infinite where the body's points fall on one
};

Similarity Align(const std::vector<Match>& matches, double yaw) {
  const Eigen::Matrix3d rotation = UprightFromBody(yaw);
  double total = 0.0;
  Complex mean_x = 0.0, mean_q = 0.0;
  std::vector<Complex> q;
  for (const Match& match : matches) {
    const Eigen::Vector3d p = rotation * match.p;
    q.emplace_back(p.x(), p.y());
    total += match.weight;
    mean_x += match.weight * match.x;
    mean_q += match.weight * q.back();
  }
  mean_x /= total;
  mean_q /= total;
  Complex cross = 0.0;
  double spread_q = 0.0, spread_x = 0.0;
  for (size_t i = 0; i < matches.size(); ++i) {
    const double w = matches[i].weight / total;
    cross += w * (matches[i].x - mean_x) * std::conj(q[i] - mean_q);
    spread_q += w * std::norm(q[i] - mean_q);
    spread_x += w * std::norm(matches[i].x - mean_x);
  }
  if (!(spread_q > kMinSpread * kMinSpread)) return {1.0, mean_x, std::numeric_limits<double>::infinity()};
  const Complex a = cross / spread_q;
  const double remains = std::max(0.0, spread_x - std::norm(cross) / spread_q);
  return {a, mean_x - a * mean_q, std::sqrt(remains) / std::max(std::abs(a), 1e-12)};
}

std::vector<Match> MatchesAt(const Observations& observations, const Eigen::VectorXd& start_pose) {
  const BodyModel& model = *observations.model;
  const Eigen::VectorXd betas = Eigen::VectorXd::Zero(model.num_betas());
  const Eigen::Vector3d to_pelvis = -model.joint_template().row(0).transpose();
  Kinematics<double> kinematics;
  kinematics.Compute(model, Eigen::Matrix3d::Identity(), start_pose.data(), betas.data(), to_pelvis.data());
  std::vector<double> points(static_cast<size_t>(3 * observations.points->size()));
  observations.points->Evaluate(kinematics, betas.data(), points.data());

  const std::vector<int> visible = observations.Visible();
  const auto deciding = [&](int k) {
    return observations.roles[static_cast<size_t>(k)] != KeypointRole::kLimb;
  };
  const bool torso = std::count_if(visible.begin(), visible.end(), deciding) >= kMinKeypoints;
  std::vector<Match> matches;
  for (const int k : visible) {
    if (torso && !deciding(k)) continue;
    const Eigen::Vector2d pixel = observations.keypoints.row(k).transpose();
    const Eigen::Vector2d x =
        std::visit([&](const auto& camera) { return camera.Normalise(pixel); }, observations.camera);
    const int point = observations.point_of_keypoint[static_cast<size_t>(k)];
    matches.push_back({{x.x(), x.y()},
                       Eigen::Map<const Eigen::Vector3d>(points.data() + 3 * point),
                       observations.confidence[k]});
  }
  return matches;
}

// The start that the similarity of one yaw gives.
Start StartAt(const Observations& observations,
              const Eigen::VectorXd& start_pose,
              const Similarity& similarity,
              double yaw) {
  const CamFromWorld& cam_from_world = Extrinsics(observations.camera);
  Start start{Variables(*observations.model), {}};
  Variables& variables = start.variables;
  variables.BodyPose() = start_pose;

  const Eigen::Matrix3d roll =
      Eigen::AngleAxisd(std::arg(similarity.a), Eigen::Vector3d::UnitZ()).toRotationMatrix();
  variables.SetRootRotation(cam_from_world.rotation.transpose() * roll * UprightFromBody(yaw));

  const double size = std::max(std::abs(similarity.a), 1e-12);
  Eigen::Vector3d pelvis(similarity.b.real() / size, similarity.b.imag() / size, 1.0 / size);
  if (std::holds_alternative<WeakPerspective>(observations.camera)) {
    const WeakPerspective& camera = std::get<WeakPerspective>(observations.camera);
    if (!camera.scale_known) variables.log_zoom = std::log(size);
    const double zoom = camera.scale_known ? 1.0 : size;
    pelvis = {similarity.b.real() / zoom, similarity.b.imag() / zoom, 0.0};
  }
  const Eigen::Vector3d world = cam_from_world.rotation.transpose() * (pelvis - cam_from_world.translation);
  variables.Transl() = world - observations.model->joint_template().row(0).transpose();
  MoveInFront(observations, &variables);
  start.place = PlaceOf(observations, variables);
  return start;
}

// Of every set of points that is observed: their least depth before a pinhole.
double NearestDepth(const Observations& observations,
                    const Pinhole& camera,
                    const Kinematics<double>& kinematics,
                    const double* betas) {
  std::vector<const SkinnedPoints*> sets = {observations.points.get()};
  if (observations.points3d) sets.push_back(observations.points3d->points.get());
  double nearest = std::numeric_limits<double>::infinity();
  for (const SkinnedPoints* set : sets) {
    std::vector<double> points(static_cast<size_t>(3 * set->size()));
    set->Evaluate(kinematics, betas, points.data());
    for (size_t i = 0; i < points.size(); i += 3)
      nearest = std::min(nearest, camera.cam_from_world(points.data() + i).z());
  }
  return nearest;
}

bool ZoomIsUnknown(const Observations& observations) {
  const WeakPerspective* weak = std::get_if<WeakPerspective>(&observations.camera);
  return weak != nullptr && !weak->scale_known;
}

std::vector<Start> StartsInPicture(const Observations& observations,
                                   const Eigen::VectorXd& start_pose,
                                   int num_starts);

// The body laid over points measured in space. The picture is asked for what they do not tell, the zoom.
std::vector<Start> StartsInSpace(const Observations& observations, const Eigen::VectorXd& start_pose) {
  Start start{Align3d(observations, start_pose), {}};
  if (ZoomIsUnknown(observations))
    start.variables.log_zoom = StartsInPicture(observations, start_pose, 1).front().variables.log_zoom;
  MoveInFront(observations, &start.variables);
  start.place = PlaceOf(observations, start.variables);
  return {start};
}

}  // namespace

void CheckVisible(const Observations& observations) {
  if (CanAlign(observations) && !ZoomIsUnknown(observations)) return;
  if (observations.points3d && observations.keypoints.rows() == 0) CheckAligns(*observations.points3d);
  const std::vector<int> visible = observations.Visible();
  if (static_cast<int>(visible.size()) < kMinKeypoints)
    throw std::invalid_argument("keypoints: expected at least " + std::to_string(kMinKeypoints) +
                                " visible keypoints (confidence > 0) that are on the body, got " +
                                std::to_string(visible.size()));
  const Eigen::RowVector2d first = observations.keypoints.row(visible[0]);
  for (const int k : visible)
    if ((observations.keypoints.row(k) - first).norm() > 1.0) return;
  throw std::invalid_argument(
      "keypoints: expected visible keypoints that spread over more than a pixel, got all " +
      std::to_string(visible.size()) + " at one place");
}

void MoveInFront(const Observations& observations, Variables* variables) {
  const Pinhole* camera = std::get_if<Pinhole>(&observations.camera);
  if (camera == nullptr) return;
  Kinematics<double> kinematics;
  kinematics.Compute(*observations.model,
                     variables->RootRotation(),
                     variables->BodyPose().data(),
                     variables->betas.data(),
                     variables->Transl().data());
  const double nearest = NearestDepth(observations, *camera, kinematics, variables->betas.data());
  if (!(nearest < kNear)) return;

  const Eigen::Vector3d pelvis = camera->cam_from_world(kinematics.position[0].data());
  Eigen::Vector3d moved = pelvis;
  moved.z() += kNear - nearest;
  if (pelvis.z() > kNear) moved.head<2>() *= moved.z() / pelvis.z();
  variables->Transl() += camera->cam_from_world.rotation.transpose() * (moved - pelvis);
}

InitialPlace PlaceOf(const Observations& observations, const Variables& variables) {
  InitialPlace place;
  place.transl = variables.Transl();
  if (const Pinhole* pinhole = std::get_if<Pinhole>(&observations.camera)) {
    const Eigen::Vector3d root = variables.Transl() + observations.model->joint_template().row(0).transpose();
    const double depth = pinhole->cam_from_world(root.data()).z();
    if (depth > Pinhole::kMinDepth) place.pixels_per_metre = std::sqrt(pinhole->fx * pinhole->fy) / depth;
  } else {
    place.pixels_per_metre =
        std::get<WeakPerspective>(observations.camera).scale * std::exp(variables.log_zoom);
  }
  return place;
}

std::vector<Start> Initialise(const Observations& observations,
                              const Eigen::VectorXd& start_pose,
                              int num_starts) {
  CheckVisible(observations);
  return CanAlign(observations) ? StartsInSpace(observations, start_pose)
                                : StartsInPicture(observations, start_pose, num_starts);
}

namespace {

std::vector<Start> StartsInPicture(const Observations& observations,
                                   const Eigen::VectorXd& start_pose,
                                   int num_starts) {
  const std::vector<Match> matches = MatchesAt(observations, start_pose);

  double best_yaw = 0.0;
  Similarity best = Align(matches, best_yaw);
  for (int i = 1; i < kNumYaws; ++i) {
    const double yaw = 2.0 * kPi * i / kNumYaws;
    const Similarity similarity = Align(matches, yaw);
    if (similarity.rms < best.rms) {
      best = similarity;
      best_yaw = yaw;
    }
  }
  if (std::isinf(best.rms))
    throw std::invalid_argument(
        "keypoints: expected visible keypoints at different places of the body, got all at one place");
  // Also of many starts one faces the other way where that is as good: an odd number has none at pi.
  const bool ambiguous = Align(matches, best_yaw + kPi).rms < best.rms + kAmbiguous;
  std::vector<double> yaws = {best_yaw};
  for (int i = 1; i < num_starts; ++i) {
    const bool opposite = ambiguous && 2 * i + 1 == num_starts;
    yaws.push_back(best_yaw + (opposite ? kPi : 2.0 * kPi * i / num_starts));
  }
  if (num_starts == 1 && ambiguous) yaws.push_back(best_yaw + kPi);
  std::vector<Start> starts;
  for (const double yaw : yaws) {
    starts.push_back(StartAt(observations, start_pose, Align(matches, yaw), yaw));
    starts.back().place.pixels_per_metre = starts.front().place.pixels_per_metre;
  }
  return starts;
}

}  // namespace
}  // namespace smplceres
