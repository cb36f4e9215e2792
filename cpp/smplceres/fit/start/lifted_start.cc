#include "smplceres/fit/start/lifted_start.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <utility>

#include "smplceres/fit/start/initialise.h"

namespace smplceres {
namespace {

constexpr double kMinDepth = 0.1;  // of the pelvis, metres

// The points of all keypoints about the pelvis, in the axes of the camera.
RowMatrix PointsOf(const Scene& scene, const View& view, Variables posed) {
  posed.Transl() = -scene.model->RestJoint(0, posed.Shape());
  const Kinematics<double> kinematics = posed.Posed(*scene.model);
  const Eigen::VectorXd shape = posed.Shape();
  RowMatrix points(view.points->size(), 3);
  view.points->Evaluate(kinematics, shape.data(), points.data());
  return points * Extrinsics(view.camera).rotation.transpose();
}

// Position and, under weak perspective, zoom.
struct Place {
  Eigen::Vector3d position;
  double zoom = 1.0;
};

Place PlaceBefore(const Pinhole& camera, const View& view, const RowMatrix& points) {
  Eigen::Matrix3d normal = Eigen::Matrix3d::Zero();
  Eigen::Vector3d right = Eigen::Vector3d::Zero();
  for (const int k : view.Visible()) {
    const Eigen::Vector2d x = camera.Normalise(view.keypoints.row(k).transpose());
    const Eigen::Vector3d P = points.row(view.point_of_keypoint[static_cast<size_t>(k)]).transpose();
    Eigen::Matrix<double, 2, 3> rows;
    rows << Eigen::Matrix2d::Identity(), -x;
    const double weight = view.confidence[k] * view.confidence[k];
    normal += weight * rows.transpose() * rows;
    right -= weight * rows.transpose() * (rows * P);
  }
  return {normal.ldlt().solve(right)};
}

Place PlaceBefore(const WeakPerspective& camera, const View& view, const RowMatrix& points) {
  Eigen::Vector2d mean_x = Eigen::Vector2d::Zero(), mean_p = Eigen::Vector2d::Zero();
  double total = 0.0, cross = 0.0, spread = 0.0;
  const std::vector<int> visible = view.Visible();
  const auto at = [&](int k) -> Eigen::Vector2d {
    return points.row(view.point_of_keypoint[static_cast<size_t>(k)]).head<2>().transpose();
  };
  const auto seen = [&](int k) { return camera.Normalise(view.keypoints.row(k).transpose()); };
  for (const int k : visible) {
    const double weight = view.confidence[k] * view.confidence[k];
    total += weight;
    mean_x += weight * seen(k);
    mean_p += weight * at(k);
  }
  mean_x /= total;
  mean_p /= total;
  for (const int k : visible) {
    const double weight = view.confidence[k] * view.confidence[k];
    cross += weight * (at(k) - mean_p).dot(seen(k) - mean_x);
    spread += weight * (at(k) - mean_p).squaredNorm();
  }
  Place place;
  if (!camera.scale_known) place.zoom = cross / spread;
  place.position << mean_x / place.zoom - mean_p, 0.0;
  return place;
}

std::optional<State> StateOf(const LiftedBody& lifted,
                             const Scene& scene,
                             const Eigen::VectorXd& start_pose) {
  const size_t number = scene.ViewsWithKeypoints().front();
  const View& view = scene.views[number];
  const CamFromWorld& camera = Extrinsics(view.camera);
  State start{Variables(*scene.model, scene.views.size()), {}};
  Variables& variables = start.variables;
  variables.betas = scene.StartBetas();
  variables.BodyPose() = start_pose.head(scene.model->num_angles());
  variables.BodyPose().head(lifted.pose.mean.size()) = lifted.pose.mean;
  variables.SetRootRotation(camera.rotation.transpose() * lifted.root);
  if (scene.CamerasMove()) variables.AddMotions();

  const RowMatrix points = PointsOf(scene, view, variables);
  const Place place = std::visit([&](const auto& c) { return PlaceBefore(c, view, points); }, view.camera);
  const bool before = std::holds_alternative<WeakPerspective>(view.camera) || place.position.z() > kMinDepth;
  if (!place.position.allFinite() || !(place.zoom > 0.0) || !std::isfinite(place.zoom) || !before)
    return std::nullopt;
  if (place.zoom != 1.0) variables.log_zoom[static_cast<Eigen::Index>(number)] = std::log(place.zoom);
  variables.Transl() = camera.rotation.transpose() * (place.position - camera.translation) -
                       scene.model->RestJoint(0, variables.Shape());
  MoveInFront(scene, &variables);
  start.place = PlaceOf(scene, variables);
  return start;
}

bool HasConditionalPrior(const Stage& stage) { return stage.conditional_prior.weight > 0.0; }

}  // namespace

std::optional<LiftedStart> StartLifted(const Scene& scene,
                                       const Eigen::VectorXd& start_pose,
                                       const std::vector<Stage>& stages) {
  const LiftedBody* lifted = HasConditionalPrior(stages.back()) ? scene.Prediction() : nullptr;
  if (lifted == nullptr) return std::nullopt;
  std::optional<State> state = StateOf(*lifted, scene, start_pose);
  if (!state) return std::nullopt;
  const auto first = std::find_if(stages.begin(), stages.end(), HasConditionalPrior);
  return LiftedStart{std::move(*state), static_cast<size_t>(first - stages.begin())};
}

}  // namespace smplceres
