#include "smplceres/fit/single/turned_wrists.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "smplceres/math/pi.h"

namespace smplceres {
namespace {

// Sums over the visible keypoints of a hand.
struct HandErrors {
  int count = 0;
  double squares = 0.0;  // metres^2 at the body's depth
};

bool IsOfHand(const PoseComponents& hand, const SkinnedPoints& points, int point) {
  const std::vector<int>& joints = points.moving_joints(point);
  return std::any_of(joints.begin(), joints.end(), [&](int j) {
    return j >= hand.first_joint && j < hand.first_joint + hand.num_joints();
  });
}

void AddErrors(const View& view,
               const Camera& camera,
               double log_zoom,
               double pixels_per_metre,
               const double* places,
               const PoseComponents& hand,
               HandErrors* errors) {
  for (const int k : view.Visible()) {
    const int point = view.point_of_keypoint[static_cast<size_t>(k)];
    if (view.roles[static_cast<size_t>(k)] != KeypointRole::kHand || !IsOfHand(hand, *view.points, point))
      continue;
    double uv[2];
    const bool in_front = std::visit(
        [&](const auto& c) { return c.Project(places + 3 * point, std::exp(log_zoom), uv); }, camera);
    if (!in_front || !(pixels_per_metre > 0.0)) continue;
    const Eigen::Vector2d error(uv[0] - view.keypoints(k, 0), uv[1] - view.keypoints(k, 1));
    ++errors->count;
    errors->squares += error.squaredNorm() / (pixels_per_metre * pixels_per_metre);
  }
}

}  // namespace

std::vector<int> PoorWrists(const Scene& scene, const State& state) {
  const Variables& variables = state.variables;
  const std::vector<int>& parents = scene.model->parents();
  const std::vector<Slice>& hands = variables.layout.driven();
  std::vector<HandErrors> errors(hands.size());
  const Kinematics<double> kinematics = variables.Posed(*scene.model);
  const Eigen::VectorXd shape = variables.Shape();
  std::vector<double> places;
  for (const size_t v : scene.ViewsWithKeypoints()) {
    const View& view = scene.views[v];
    places.resize(static_cast<size_t>(3 * view.points->size()));
    view.points->Evaluate(kinematics, shape.data(), places.data());
    const auto number = static_cast<Eigen::Index>(v);
    for (size_t i = 0; i < hands.size(); ++i)
      AddErrors(view,
                CameraAt(scene, v, variables),
                variables.log_zoom[number],
                state.place.pixels_per_metre[number],
                places.data(),
                *hands[i].components,
                &errors[i]);
  }
  std::vector<int> wrists;
  for (size_t i = 0; i < hands.size(); ++i) {
    const int wrist = parents[static_cast<size_t>(hands[i].components->first_joint)];
    const bool is_poor = errors[i].squares > kPoorHand * kPoorHand * errors[i].count;
    if (wrist >= 1 && errors[i].count >= kMinHandKeypoints && is_poor) wrists.push_back(wrist);
  }
  return wrists;
}

Variables TurnedWrist(const BodyModel& model, const Variables& variables, int wrist) {
  const Eigen::VectorXd shape = variables.Shape();
  const Eigen::Vector3d forearm =
      model.RestJoint(wrist, shape) - model.RestJoint(model.parents()[static_cast<size_t>(wrist)], shape);
  const Eigen::Vector3d half_turn = kPi * forearm.stableNormalized();
  Variables turned = variables;
  auto rotation = turned.frame.segment<3>(turned.layout.joint(wrist));
  rotation = Log(Exp(half_turn) * Exp(Eigen::Vector3d(rotation)));
  for (const Slice& slice : turned.layout.driven())
    if (model.parents()[static_cast<size_t>(slice.components->first_joint)] == wrist)
      turned.Of(slice).setZero();
  return turned;
}

}  // namespace smplceres
