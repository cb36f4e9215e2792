#include "smplceres/fit/single/turned_wrists.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <variant>

#include "smplceres/equations/body_equations.h"
#include "smplceres/fit/start/depth_flips.h"
#include "smplceres/math/pi.h"
#include "smplceres/objective/objective.h"
#include "smplceres/solve/levenberg_marquardt.h"

namespace smplceres {
namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

// Sums over the visible keypoints of a hand.
struct HandErrors {
  int count = 0;
  double squares = 0.0;  // metres^2 at the body's depth
};

int WristOf(const BodyModel& model, const Slice& hand) {
  return model.parents()[static_cast<size_t>(hand.components->first_joint)];
}

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

// The scene without the keypoints that the joint above the wrist does not move.
Scene HandAlone(const Scene& scene, const Slice& hand) {
  const int elbow = scene.model->parents()[static_cast<size_t>(WristOf(*scene.model, hand))];
  Scene alone = scene;
  for (View& view : alone.views)
    for (const int k : view.Visible()) {
      const std::vector<int>& joints =
          view.points->moving_joints(view.point_of_keypoint[static_cast<size_t>(k)]);
      if (!std::binary_search(joints.begin(), joints.end(), elbow)) view.confidence[k] = 0.0;
    }
  return alone;
}

// The wrist, the joint above it and the hand.
FreeSet FreeOf(const BodyModel& model, const Slice& hand, FreeSet free) {
  const FrameLayout& layout = model.layout();
  const int wrist = WristOf(model, hand);
  free.HoldFrame();
  free.HoldShared();
  for (const int joint : {model.parents()[static_cast<size_t>(wrist)], wrist})
    std::fill_n(free.frame.begin() + layout.joint(joint), 3, true);
  std::fill_n(free.frame.begin() + hand.begin, hand.size, true);
  return free;
}

// The hand in its mean pose, turned about the forearm.
Variables TurnedHand(const BodyModel& model, const Variables& variables, const Slice& hand, double angle) {
  const int wrist = WristOf(model, hand);
  const Eigen::VectorXd shape = variables.Shape();
  const Eigen::Vector3d forearm =
      model.RestJoint(wrist, shape) - model.RestJoint(model.parents()[static_cast<size_t>(wrist)], shape);
  Variables turned = variables;
  auto rotation = turned.frame.segment<3>(turned.layout.joint(wrist));
  rotation = Log(Exp(Eigen::Vector3d(angle * forearm.stableNormalized())) * Exp(Eigen::Vector3d(rotation)));
  turned.Of(hand).setZero();
  return turned;
}

std::vector<Variables> StartsOf(const Scene& scene, const Variables& variables, const Slice& hand) {
  std::vector<Variables> bodies = {variables};
  const std::string forearm = hand.name.substr(0, hand.name.find('_')) + " forearm";
  for (DepthFlip& flip : DepthFlips(scene, variables))
    if (flip.name == forearm) bodies.push_back(std::move(flip.variables));
  std::vector<Variables> starts;
  for (const Variables& body : bodies)
    for (int i = 0; i < kTurns; ++i)
      starts.push_back(TurnedHand(*scene.model, body, hand, 2.0 * kPi * i / kTurns));
  return starts;
}

}  // namespace

std::vector<Slice> PoorHands(const Scene& scene, const State& state) {
  const Variables& variables = state.variables;
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
  std::vector<Slice> poor;
  for (size_t i = 0; i < hands.size(); ++i) {
    const int wrist = WristOf(*scene.model, hands[i]);
    if (wrist < 1 || errors[i].count < kMinHandKeypoints) continue;
    const double distance = errors[i].squares / (kPoorDistance * kPoorDistance * errors[i].count);
    const double pose = variables.Of(hands[i]).squaredNorm() / (kPoorPose * kPoorPose * hands[i].size);
    if (distance + pose > 1.0) poor.push_back(hands[i]);
  }
  return poor;
}

std::optional<Variables> WithBetterHands(const Stage& stage,
                                         const Scene& scene,
                                         const State& state,
                                         const Interrupted& interrupted) {
  State better = state;
  better.variables.Recentre();
  bool is_better = false;
  for (const Slice& hand : PoorHands(scene, state)) {
    const Scene alone = HandAlone(scene, hand);
    const Objective objective(stage, alone, better);
    const FreeSet free = FreeOf(*scene.model, hand, objective.free());
    const auto all = [](const TermCost&) { return true; };
    BodyEquations present(objective, better.variables, free, all);
    double least = 0.0;
    if (!present.Cost(present.Start(), &least)) continue;
    least *= kBetterHand;
    for (const Variables& start : StartsOf(alone, better.variables, hand)) {
      BodyEquations equations(objective, start, free, all);
      Eigen::VectorXd x = equations.Start();
      double cost = 0.0;
      const Summary summary = LevenbergMarquardt(stage.solver, kNoLimit, interrupted, &equations, &x);
      if (!summary.usable() || !equations.Cost(x, &cost) || !(cost < least)) continue;
      least = cost;
      better.variables = equations.At(x);
      is_better = true;
    }
  }
  if (!is_better) return std::nullopt;
  return better.variables;
}

}  // namespace smplceres
