#include "smplceres/fit/start/initialise.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <stdexcept>
#include <string>

#include "smplceres/fit/start/align3d.h"
#include "smplceres/math/pi.h"
#include "smplceres/raster/raster.h"

namespace smplceres {
namespace {

using Complex = std::complex<double>;

constexpr int kNumYaws = 24;
constexpr double kMinSpread = 1e-3;  // m, minimum standard deviation of distinct points of the body
constexpr double kMinDepth = 0.1;    // m, minimum initial depth of points of the body
// The opposite facing counts as equally good if its residual is larger by less than this (m, root
// mean square), about a third of half a shoulder's breadth. Above, left and right shoulder
// distinguish front from back.
constexpr double kAmbiguous = 0.06;
constexpr size_t kMaxStartsOfViews = 2;  // number of starts kept with several views

// Rotation from the body frame (y up, facing +z) to the camera frame (y down, z forward) of an upright person
// who faces the camera at yaw 0.
Eigen::Matrix3d UprightFromBody(double yaw) {
  const Eigen::Matrix3d facing = Eigen::Vector3d(1.0, -1.0, -1.0).asDiagonal();
  return facing * Eigen::AngleAxisd(yaw, Eigen::Vector3d::UnitY()).toRotationMatrix();
}

// A keypoint and its point of the body.
struct Match {
  Complex x;          // normalised keypoint
  Eigen::Vector3d p;  // body point about the pelvis, body frame, metres
  double weight;      // confidence
};

struct Similarity {
  Complex a, b;
  double rms;  // residual, metres on the body; infinite if the body's points coincide
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

// Matches for the body in the pose and shape of `posed`, whose root rotation is applied before the yaw.
std::vector<Match> MatchesAt(const BodyModel& model, const View& view, const Variables& posed) {
  const Eigen::VectorXd shape = posed.Shape(), pose = posed.Pose();
  const Eigen::Vector3d to_pelvis = -model.RestJoint(0, shape);
  Kinematics<double> kinematics;
  kinematics.Compute(model, posed.RootRotation(), pose.data(), shape.data(), to_pelvis.data());
  std::vector<double> points(static_cast<size_t>(3 * view.points->size()));
  view.points->Evaluate(kinematics, shape.data(), points.data());

  const std::vector<int> visible = view.Visible();
  const auto is_torso = [&](int k) { return IsTorso(view.roles[static_cast<size_t>(k)]); };
  const bool torso = std::count_if(visible.begin(), visible.end(), is_torso) >= kMinKeypoints;
  std::vector<Match> matches;
  for (const int k : visible) {
    if (torso && !is_torso(k)) continue;
    const Eigen::Vector2d pixel = view.keypoints.row(k).transpose();
    const Eigen::Vector2d x =
        std::visit([&](const auto& camera) { return camera.Normalise(pixel); }, view.camera);
    const int point = view.point_of_keypoint[static_cast<size_t>(k)];
    matches.push_back(
        {{x.x(), x.y()}, Eigen::Map<const Eigen::Vector3d>(points.data() + 3 * point), view.confidence[k]});
  }
  return matches;
}

// The matches of one view, and the yaw that aligns them best.
struct Alignment {
  // For the body in the pose and shape of `posed`.
  Alignment(const BodyModel& model, const View& view, const Variables& posed)
      : matches(MatchesAt(model, view, posed)), best(Align(matches, 0.0)) {
    for (int i = 1; i < kNumYaws; ++i) {
      const double yaw = 2.0 * kPi * i / kNumYaws;
      const Similarity similarity = Align(matches, yaw);
      if (!(similarity.rms < best.rms)) continue;
      best = similarity;
      best_yaw = yaw;
    }
  }

  // The best yaw first. If the opposite facing is equally good, it is always included, since an odd number of
  // evenly spaced yaws would miss it.
  std::vector<double> Yaws(int num_starts) const {
    const bool ambiguous = Align(matches, best_yaw + kPi).rms < best.rms + kAmbiguous;
    std::vector<double> yaws = {best_yaw};
    for (int i = 1; i < num_starts; ++i) {
      const bool opposite = ambiguous && 2 * i + 1 == num_starts;
      yaws.push_back(best_yaw + (opposite ? kPi : 2.0 * kPi * i / num_starts));
    }
    if (num_starts == 1 && ambiguous) yaws.push_back(best_yaw + kPi);
    return yaws;
  }

  std::vector<Match> matches;
  Similarity best;
  double best_yaw = 0.0;
};

double Size(const Similarity& similarity) { return std::max(std::abs(similarity.a), 1e-12); }

bool ZoomIsUnknown(const Camera& camera) {
  const WeakPerspective* weak = std::get_if<WeakPerspective>(&camera);
  return weak != nullptr && !weak->scale_known;
}

// Places the body in front of a camera by the similarity of one yaw, which follows its current root rotation.
void PlaceInView(const Camera& camera,
                 const Similarity& similarity,
                 double yaw,
                 const BodyModel& model,
                 Variables* variables) {
  const CamFromWorld& cam_from_world = Extrinsics(camera);
  const Eigen::Matrix3d roll =
      Eigen::AngleAxisd(std::arg(similarity.a), Eigen::Vector3d::UnitZ()).toRotationMatrix();
  variables->SetRootRotation(cam_from_world.rotation.transpose() * roll * UprightFromBody(yaw) *
                             variables->RootRotation());

  const double size = Size(similarity);
  Eigen::Vector3d pelvis(similarity.b.real() / size, similarity.b.imag() / size, 1.0 / size);
  if (std::holds_alternative<WeakPerspective>(camera)) {
    const double zoom = ZoomIsUnknown(camera) ? size : 1.0;
    pelvis = {similarity.b.real() / zoom, similarity.b.imag() / zoom, 0.0};
  }
  const Eigen::Vector3d world = cam_from_world.rotation.transpose() * (pelvis - cam_from_world.translation);
  variables->Transl() = world - model.RestJoint(0, variables->Shape());
}

// The minimum depth of the points of a view's keypoints.
double MinDepth(const View& view,
                const Pinhole& camera,
                const Kinematics<double>& kinematics,
                const Eigen::VectorXd& shape) {
  std::vector<double> points(static_cast<size_t>(3 * view.points->size()));
  view.points->Evaluate(kinematics, shape.data(), points.data());
  double nearest = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < points.size(); i += 3)
    nearest = std::min(nearest, camera.cam_from_world(points.data() + i).z());
  return nearest;
}

// The distance between keypoints and body in all images: a mean weighted by confidence, in metres at the
// body's depth, each at most 1.
double Disagreement(const Scene& scene, const State& start) {
  const Variables& variables = start.variables;
  const Kinematics<double> kinematics = variables.Posed(*scene.model);
  const Eigen::VectorXd shape = variables.Shape();
  double sum = 0.0, total = 0.0;
  for (const size_t v : scene.ViewsWithKeypoints()) {
    const View& view = scene.views[v];
    const Eigen::Index number = static_cast<Eigen::Index>(v);
    RowMatrix points(view.points->size(), 3);
    view.points->Evaluate(kinematics, shape.data(), points.data());
    const Projected projected = Project(view.camera, std::exp(variables.log_zoom[number]), points);
    for (const int k : view.Visible()) {
      const int point = view.point_of_keypoint[static_cast<size_t>(k)];
      const double pixels = (projected.uv.row(point) - view.keypoints.row(k)).norm();
      const double metres = pixels / start.place.pixels_per_metre[number];
      sum += view.confidence[k] * (metres < 1.0 ? metres : 1.0);  // NaN: behind the camera
      total += view.confidence[k];
    }
  }
  return sum / total;
}

// Views that determine an initial estimate.
std::vector<size_t> AligningViews(const Scene& scene) {
  std::vector<size_t> aligning;
  for (size_t v = 0; v < scene.views.size(); ++v) {
    const View& view = scene.views[v];
    const std::vector<int> visible = view.Visible();
    const bool spread = std::any_of(visible.begin(), visible.end(), [&](int k) {
      return (view.keypoints.row(k) - view.keypoints.row(visible[0])).norm() > 1.0;
    });
    if (static_cast<int>(visible.size()) >= kMinKeypoints && spread) aligning.push_back(v);
  }
  return aligning;
}

// Initial estimates from images. One view gives num_starts facing directions. Several views give the best
// facing of each, of which the two that agree best with all views are kept.
std::vector<State> StartsFromImages(const Scene& scene,
                                    const Eigen::VectorXd& start_pose,
                                    int num_starts,
                                    double pitch) {
  const BodyModel& model = *scene.model;
  const std::vector<size_t> views = AligningViews(scene);
  Variables posed(model, scene.views.size());
  posed.BodyPose() = start_pose.head(model.num_angles());
  posed.SetRootRotation(Eigen::AngleAxisd(pitch, Eigen::Vector3d::UnitX()).toRotationMatrix());
  posed.betas = scene.StartBetas();
  if (scene.CamerasMove()) posed.AddMotions();
  std::vector<Alignment> alignments;
  for (const size_t v : views) {
    const View& view = scene.views[v];
    alignments.emplace_back(model, view, posed);
    if (ZoomIsUnknown(view.camera))
      posed.log_zoom[static_cast<Eigen::Index>(v)] = std::log(Size(alignments.back().best));
  }
  std::vector<State> starts;
  for (size_t i = 0; i < views.size(); ++i) {
    if (std::isinf(alignments[i].best.rms)) continue;
    const Camera& camera = scene.views[views[i]].camera;
    for (const double yaw : alignments[i].Yaws(views.size() > 1 ? 1 : num_starts)) {
      const Similarity similarity = Align(alignments[i].matches, yaw);
      State start{posed, {}};
      if (ZoomIsUnknown(camera))
        start.variables.log_zoom[static_cast<Eigen::Index>(views[i])] = std::log(Size(similarity));
      PlaceInView(camera, similarity, yaw, model, &start.variables);
      MoveInFront(scene, &start.variables);
      start.place = PlaceOf(scene, start.variables);
      starts.push_back(std::move(start));
    }
  }
  if (starts.empty())
    throw std::invalid_argument(
        "keypoints: expected visible keypoints at different places of the body, got all at one place");
  if (views.size() > 1) {
    std::vector<std::pair<double, size_t>> order;
    for (size_t i = 0; i < starts.size(); ++i) order.emplace_back(Disagreement(scene, starts[i]), i);
    std::sort(order.begin(), order.end());
    order.resize(std::min(order.size(), kMaxStartsOfViews));
    std::vector<State> kept;
    for (const auto& [disagreement, i] : order) kept.push_back(std::move(starts[i]));
    starts = std::move(kept);
  }
  // Equal residual units make energies comparable.
  for (State& start : starts) start.place.pixels_per_metre = starts.front().place.pixels_per_metre;
  return starts;
}

bool AnyZoomIsUnknown(const Scene& scene) {
  return std::any_of(scene.views.begin(), scene.views.end(), [](const View& view) {
    return ZoomIsUnknown(view.camera) && !view.Visible().empty();
  });
}

// The body aligned with measured 3D points. Unknown zooms, which those do not determine, come from the
// images.
std::vector<State> StartsFromPoints3d(const Scene& scene, const Eigen::VectorXd& start_pose) {
  State start{Align3d(scene, start_pose), {}};
  if (scene.CamerasMove()) start.variables.AddMotions();
  if (AnyZoomIsUnknown(scene))
    start.variables.log_zoom = StartsFromImages(scene, start_pose, 1, 0.0).front().variables.log_zoom;
  MoveInFront(scene, &start.variables);
  start.place = PlaceOf(scene, start.variables);
  return {start};
}

}  // namespace

void CheckVisible(const Scene& scene) {
  if (CanAlign(scene) && !AnyZoomIsUnknown(scene)) return;
  if (scene.views.empty() && scene.points3d) CheckAligns(*scene.points3d);
  if (!AligningViews(scene).empty()) return;
  size_t max_visible = 0;
  for (const View& view : scene.views) max_visible = std::max(max_visible, view.Visible().size());
  if (max_visible < static_cast<size_t>(kMinKeypoints))
    throw std::invalid_argument("keypoints: expected at least " + std::to_string(kMinKeypoints) +
                                " visible keypoints (confidence > 0) that are on the body, got " +
                                std::to_string(max_visible));
  throw std::invalid_argument(
      "keypoints: expected visible keypoints that spread over more than a pixel, got all " +
      std::to_string(max_visible) + " at one place");
}

void MoveInFront(const Scene& scene, Variables* variables) {
  for (const size_t v : scene.ViewsWithKeypoints()) {
    const View& view = scene.views[v];
    const Camera placed = CameraAt(scene, v, *variables);
    const Pinhole* camera = std::get_if<Pinhole>(&placed);
    if (camera == nullptr) continue;
    const Kinematics<double> kinematics = variables->Posed(*scene.model);
    const double nearest = MinDepth(view, *camera, kinematics, variables->Shape());
    if (!(nearest < kMinDepth)) continue;

    const Eigen::Vector3d pelvis = camera->cam_from_world(kinematics.position[0].data());
    Eigen::Vector3d moved = pelvis;
    moved.z() += kMinDepth - nearest;
    if (pelvis.z() > kMinDepth) moved.head<2>() *= moved.z() / pelvis.z();
    variables->Transl() += camera->cam_from_world.rotation.transpose() * (moved - pelvis);
  }
}

State StartFrom(const Scene& scene, const Variables& variables) {
  variables.Check(*scene.model, scene.views.size());
  State start{variables, {}};
  if (scene.CamerasMove() && !variables.has_motions()) start.variables.AddMotions();
  if (scene.person && scene.person->betas_known) start.variables.betas = scene.person->betas;
  const InitialPlace place = PlaceOf(scene, start.variables);
  for (const size_t v : scene.ViewsWithKeypoints())
    if (!(place.pixels_per_metre[static_cast<Eigen::Index>(v)] > 0.0))
      throw std::invalid_argument(
          "initial: expected a body in front of the camera, got its pelvis behind it");
  MoveInFront(scene, &start.variables);
  start.place = PlaceOf(scene, start.variables);
  return start;
}

std::vector<State> Initialise(const Scene& scene,
                              const Eigen::VectorXd& start_pose,
                              int num_starts,
                              double pitch) {
  CheckVisible(scene);
  return CanAlign(scene) ? StartsFromPoints3d(scene, start_pose)
                         : StartsFromImages(scene, start_pose, num_starts, pitch);
}

}  // namespace smplceres
