#include "smplceres/objective/term_costs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <utility>

#include "smplceres/collide/collision_spheres.h"
#include "smplceres/collide/surface_patches.h"
#include "smplceres/cost/points_cost.h"
#include "smplceres/cost/pooled_cost.h"
#include "smplceres/match/cloud_match.h"
#include "smplceres/match/outline.h"
#include "smplceres/objective/free_set.h"
#include "smplceres/objective/posed_vertices.h"

namespace smplceres {
namespace {

double RoleWeight(const ReprojectionOptions& options, KeypointRole role) {
  switch (role) {
    case KeypointRole::kShoulder:
      return options.shoulder_weight;
    case KeypointRole::kHip:
      return options.hip_weight;
    case KeypointRole::kHead:
      return options.head_weight;
    case KeypointRole::kNeck:
      return options.neck_weight;
    case KeypointRole::kHand:
      return options.hand_weight;
    case KeypointRole::kFace:
      return options.face_weight;
    case KeypointRole::kContour:
      return options.contour_weight;
    case KeypointRole::kLimb:
      break;
  }
  return options.limb_weight;
}

// The depth prior applies to a single view, where depth and size are ambiguous. Under weak perspective no
// residual depends on depth, so that every stage without 3D measurements needs the prior.
double DepthWeight(const Stage& stage, const Scene& scene, const Camera& camera) {
  const bool in_space = (scene.points3d && stage.points3d.weight != 0.0) ||
                        (!scene.clouds.empty() && stage.cloud.weight != 0.0);
  const bool weak = std::holds_alternative<WeakPerspective>(camera) && !in_space;
  return weak && stage.depth_prior.weight == 0.0 ? kGaugeWeight : stage.depth_prior.weight;
}

std::unique_ptr<ceres::CostFunction> MakePosePriorCost(const PosePrior& prior,
                                                       const PosePriorOptions& options,
                                                       Slice body_pose) {
  if (const auto* gaussian = std::get_if<std::shared_ptr<GaussianPrior>>(&prior))
    return MakeGaussianPriorCost(**gaussian, options.weight, body_pose);
  return std::make_unique<MixturePriorCost>(
      *std::get<std::shared_ptr<MixturePrior>>(prior), options.weight, options.from_zero, body_pose);
}

Stage BesidePrediction(const Stage& stage) {
  const double factor = stage.conditional_prior.unconditional;
  if (!(factor >= 0.0) || std::isinf(factor))
    throw std::invalid_argument("conditional_prior.unconditional: expected a finite number >= 0, got " +
                                std::to_string(factor));
  Stage beside = WithScaledWeights(
      stage, factor, [](const TermInfo& term) { return term.source == TermSource::kPose; });
  // Nothing is predicted of fingers, jaw and eyes.
  beside.hand_prior = stage.hand_prior;
  beside.joint_prior = stage.joint_prior;
  return beside;
}

std::shared_ptr<const PointTerm> MakeReprojectionTerm(const ReprojectionOptions& options,
                                                      const View& view,
                                                      double pixels_per_metre) {
  const double scale = ResidualScale(kReprojectionTerm, options.weight);
  const double unit = UnitOf(options, pixels_per_metre);
  return std::visit(
      [&](const auto& camera) -> std::shared_ptr<const PointTerm> {
        using Functor = Reprojection<std::decay_t<decltype(camera)>>;
        auto term = std::make_shared<PointTermSet<Functor>>();
        for (const auto& [k, weight] : WeightedKeypoints(options, view))
          term->Add(Functor(camera, view.keypoints.row(k), scale * weight, unit, options),
                    {view.point_of_keypoint[static_cast<size_t>(k)]});
        return term;
      },
      view.camera);
}

std::shared_ptr<const PointTerm> MakePoints3dTerm(const Points3dOptions& options, const Points3d& measured) {
  const double scale = ResidualScale(kPoints3dTerm, options.weight);
  auto term = std::make_shared<PointTermSet<Point3d>>();
  for (const int i : measured.Used())
    term->Add(Point3d(measured.xyz.row(i), measured.whitening[static_cast<size_t>(i)], scale, options),
              {measured.point_of[static_cast<size_t>(i)]});
  return term;
}

// The matches of a cloud; none if no point is matched.
std::optional<PointGroup> MakeCloudGroup(const CloudOptions& options,
                                         const BodyModel& model,
                                         const Cloud& cloud,
                                         const RowMatrix& vertices) {
  const double scale = ResidualScale(kCloudTerm, options.weight);
  const std::vector<CloudMatch> matches = MatchCloud(model, cloud, options, vertices);
  if (matches.empty()) return std::nullopt;
  auto points = std::make_shared<SkinnedPoints>(model);
  auto term = std::make_shared<PointTermSet<PointToPlane>>();
  std::map<int, int> point_of_vertex;
  for (const CloudMatch& match : matches) {
    const auto [entry, is_new] = point_of_vertex.try_emplace(match.vertex, points->size());
    if (is_new) points->Add(model, {}, {{match.vertex, 1.0}});
    const double precision = cloud.confidence[match.point] / cloud.sigma;
    term->Add(
        PointToPlane(
            cloud.points.row(match.point).transpose(), match.normal, precision, cloud.sigma, scale, options),
        {entry->second});
  }
  return PointGroup{std::move(points), std::move(term), std::nullopt};
}

// A view with a mask, and the outline of the body in it.
struct MaskedView {
  const View& view;
  std::vector<OutlineEdge> outline;
  double unit;
};

int AddEdgePoint(const BodyModel& model, const EdgePoint& point, SkinnedPoints* points) {
  if (point.a == point.b) return points->Add(model, {}, {{point.a, 1.0}});
  return points->Add(model, {}, {{point.a, 1.0 - point.share}, {point.b, point.share}});
}

const EdgePoint& PointOf(const EdgePoint& point) { return point; }
const EdgePoint& PointOf(const ContourMatch& match) { return match.point; }

// One functor per element, which is a point on the body's surface or has one. functor_of(camera, element):
// the functor for the view's model of a camera.
template <typename Element, typename FunctorOf>
PointGroup MakeSilhouetteGroup(const BodyModel& model,
                               const MaskedView& masked,
                               const std::vector<Element>& elements,
                               const FunctorOf& functor_of) {
  auto points = std::make_shared<SkinnedPoints>(model);
  auto term = std::visit(
      [&](const auto& camera) -> std::shared_ptr<const PointTerm> {
        using Functor = decltype(functor_of(camera, std::declval<const Element&>()));
        auto set = std::make_shared<PointTermSet<Functor>>();
        for (const Element& element : elements)
          set->Add(functor_of(camera, element), {AddEdgePoint(model, PointOf(element), points.get())});
        return set;
      },
      masked.view.camera);
  return {std::move(points), std::move(term), masked.view.camera};
}

PointGroup MakeInsideGroup(const SilhouetteInsideOptions& options,
                           const BodyModel& model,
                           const MaskedView& masked) {
  const std::vector<EdgePoint> spread = SpreadPoints(model, masked.outline, options.points);
  const double factor =
      ResidualScale(kSilhouetteInsideTerm, options.weight / static_cast<double>(spread.size()));
  return MakeSilhouetteGroup(model, masked, spread, [&](const auto& camera, const EdgePoint&) {
    return SilhouetteInside<std::decay_t<decltype(camera)>>(
        camera, masked.view.mask, factor, masked.unit, options);
  });
}

PointGroup MakeContourGroup(const SilhouetteContourOptions& options,
                            const BodyModel& model,
                            const MaskedView& masked) {
  const Mask& mask = *masked.view.mask;
  const double count = static_cast<double>(std::max<Eigen::Index>(mask.contour().rows(), 1));
  const double factor = ResidualScale(kSilhouetteContourTerm, options.weight / count);
  const std::vector<ContourMatch> matches = MatchContour(mask, masked.outline, options, masked.unit);
  return MakeSilhouetteGroup(model, masked, matches, [&](const auto& camera, const ContourMatch& match) {
    const int i = match.contour_point;
    return SilhouetteContour<std::decay_t<decltype(camera)>>(
        camera, mask.contour().row(i), mask.normals().row(i), factor, masked.unit, options);
  });
}

template <typename Functor>
std::unique_ptr<const PooledTerm> MakeSphereTerm(const InterpenetrationOptions& options,
                                                 double scale,
                                                 const CollisionSpheres& spheres) {
  using Term = LimbPairTerm<Functor>;
  return std::make_unique<Term>(
      Functor(options), scale, spheres.limbs, options.shape ? Term::kFree : Term::kSolid);
}

// Builds the cost functions of one objective.
class TermCosts {
 public:
  TermCosts(const Stage& stage, const Scene& scene, const State& state)
      : stage_(stage), scene_(scene), variables_(state.variables), place_(state.place) {}

  void AddReprojection() {
    Check(stage_.reprojection);
    std::vector<PointGroup> groups;
    std::vector<size_t> views;
    for (const size_t v : scene_.ViewsWithKeypoints()) {
      const View& view = scene_.views[v];
      const double pixels_per_metre = place_.pixels_per_metre[static_cast<Eigen::Index>(v)];
      auto term = MakeReprojectionTerm(stage_.reprojection, view, pixels_per_metre);
      if (term->num_functors() == 0) continue;
      groups.push_back({view.points, std::move(term), view.camera});
      views.push_back(v);
    }
    AddPoints(kReprojectionTerm, std::move(groups), views);
  }

  void AddPoints3d() {
    if (!scene_.points3d) return;
    Check(stage_.points3d);
    const Points3d& measured = *scene_.points3d;
    auto term = MakePoints3dTerm(stage_.points3d, measured);
    if (term->num_functors() > 0)
      AddPoints(kPoints3dTerm, {{measured.points, std::move(term), std::nullopt}}, {});
  }

  void AddClouds() {
    Check(stage_.cloud);
    std::vector<PointGroup> groups;
    if (scene_.clouds.empty()) return;
    const RowMatrix vertices = PosedVertices(*scene_.model, variables_);
    for (const Cloud& cloud : scene_.clouds)
      if (auto group = MakeCloudGroup(stage_.cloud, *scene_.model, cloud, vertices))
        groups.push_back(std::move(*group));
    AddPoints(kCloudTerm, std::move(groups), {});
  }

  void AddSilhouettes() {
    const SilhouetteInsideOptions& inside = stage_.silhouette_inside;
    const SilhouetteContourOptions& contour = stage_.silhouette_contour;
    Check(inside);
    Check(contour);
    const BodyModel& model = *scene_.model;
    const auto has_mask = [](const View& view) { return view.mask != nullptr; };
    if (std::none_of(scene_.views.begin(), scene_.views.end(), has_mask)) return;
    std::vector<PointGroup> inside_groups, contour_groups;
    std::vector<size_t> inside_views, contour_views;
    const RowMatrix vertices = PosedVertices(model, variables_);
    for (const size_t v : scene_.ViewsWithKeypoints()) {
      const View& view = scene_.views[v];
      if (!view.mask) continue;
      const auto number = static_cast<Eigen::Index>(v);
      const double zoom = std::exp(variables_.log_zoom[number]);
      const MaskedView masked{view,
                              VisibleOutline(model, CameraAt(scene_, v, variables_), zoom, vertices),
                              UnitOf(stage_.reprojection, place_.pixels_per_metre[number])};
      if (inside.weight != 0.0) {
        inside_groups.push_back(MakeInsideGroup(inside, model, masked));
        inside_views.push_back(v);
      }
      if (contour.weight != 0.0) {
        PointGroup group = MakeContourGroup(contour, model, masked);
        if (group.term->num_functors() == 0) continue;
        contour_groups.push_back(std::move(group));
        contour_views.push_back(v);
      }
    }
    AddPoints(kSilhouetteInsideTerm, std::move(inside_groups), inside_views);
    AddPoints(kSilhouetteContourTerm, std::move(contour_groups), contour_views);
  }

  void AddShapePrior() {
    const Eigen::VectorXd mean = Eigen::VectorXd::Zero(variables_.betas.size());
    const std::optional<KnownPerson>& person = scene_.person;
    Add(kShapePriorTerm,
        MakeShapePriorCost(stage_.shape_prior.weight,
                           person ? person->expected_betas : mean,
                           person ? person->betas_sigma : 1.0),
        {kBetas});
    if (variables_.layout.num_coefficients() > 0)
      Add(kShapePriorTerm, MakeCoefficientPriorCost(stage_.shape_prior.weight, variables_.layout), {kFrame});
  }

  void AddLengths(const TermInfo& term, double weight, const BodyLengths& lengths) {
    if (weight != 0.0 && lengths.size() > 0)
      Add(term, std::make_unique<BodyLengthsCost>(term, weight, lengths), {kBetas});
  }

  void AddGround() {
    if (!scene_.ground) return;
    std::array<int, FeetOnGround::kNumPoints> soles;
    std::iota(soles.begin(), soles.end(), 0);
    auto term = std::make_shared<PointTermSet<FeetOnGround>>();
    term->Add(FeetOnGround(scene_.ground->plane, ResidualScale(kGroundTerm, stage_.ground.weight)), soles);
    AddPoints(kGroundTerm, {{scene_.ground->soles, std::move(term), std::nullopt}}, {});
  }

  // Adds nothing for a body without limbs that may collide.
  void AddInterpenetration() {
    const InterpenetrationOptions& options = stage_.interpenetration;
    Check(options);
    const double scale = ResidualScale(kInterpenetrationTerm, options.weight);
    auto pooled = std::make_shared<PooledPoints>();
    if (options.overlap == Overlap::kPatches) {
      const SurfacePatches* patches = SurfacePatchesOf(*scene_.model);
      if (patches == nullptr || patches->limbs.pairs.empty()) return;
      using Term = LimbPairTerm<PatchOverlap>;
      pooled->points = patches->points;
      pooled->term =
          std::make_unique<Term>(PatchOverlap(options, patches->radii), scale, patches->limbs, Term::kFree);
    } else {
      const CollisionSpheres* spheres = CollisionSpheresOf(*scene_.model);
      if (spheres == nullptr || spheres->limbs.pairs.empty()) return;
      pooled->points = spheres->points;
      pooled->term = options.overlap == Overlap::kGaussian
                         ? MakeSphereTerm<GaussianOverlap>(options, scale, *spheres)
                         : MakeSphereTerm<OverlapDepth>(options, scale, *spheres);
    }
    pooled->shape = options.shape;
    pooled->kinematics = KinematicsOfCost();
    Add(kInterpenetrationTerm,
        stage_.solver.jacobian == JacobianMethod::kFast ? MakePooledCost(pooled)
                                                        : MakeAutoDiffPooledCost(pooled),
        {kFrame, kBetas});
  }

  void Add(const TermInfo& term, std::unique_ptr<ceres::CostFunction> cost, std::vector<int> blocks) {
    const int rows = cost->num_residuals();
    costs_.push_back({&term, std::move(cost), std::move(blocks), {rows}});
  }

  std::vector<TermCost> Take() { return std::move(costs_); }

 private:
  // Shared by all costs, unless several threads evaluate them.
  std::shared_ptr<FrameKinematics> KinematicsOfCost() {
    if (kinematics_ == nullptr || stage_.solver.num_threads > 1)
      kinematics_ = std::make_shared<FrameKinematics>(scene_.model, variables_.root_anchor);
    return kinematics_;
  }

  // views: those of the groups that have a camera, in order.
  void AddPoints(const TermInfo& term, std::vector<PointGroup> groups, const std::vector<size_t>& views) {
    if (groups.empty()) return;
    auto frame_points = std::make_shared<FramePoints>();
    frame_points->frames = {KinematicsOfCost()};
    frame_points->groups = std::move(groups);
    std::vector<int> blocks = {kFrame, kBetas};
    for (const size_t v : views) blocks.push_back(variables_.zoom_block(static_cast<int>(v)));
    for (const size_t v : views)
      if (PoseIsUnknown(scene_.views[v].camera))
        blocks.push_back(variables_.motion_block(static_cast<int>(v)));
    std::vector<int> rows;
    for (const PointGroup& group : frame_points->groups)
      rows.push_back(group.term->num_functors() * group.term->num_residuals());
    Add(term,
        stage_.solver.jacobian == JacobianMethod::kFast ? MakePointsCost(frame_points)
                                                        : MakeAutoDiffPointsCost(frame_points),
        std::move(blocks));
    costs_.back().rows = std::move(rows);
  }

  const Stage& stage_;
  const Scene& scene_;
  const Variables& variables_;
  const InitialPlace& place_;
  std::shared_ptr<FrameKinematics> kinematics_;
  std::vector<TermCost> costs_;
};

}  // namespace

std::vector<std::pair<int, double>> WeightedKeypoints(const ReprojectionOptions& options, const View& view) {
  const std::vector<int> visible = view.Visible();
  std::vector<double> weights;
  for (const int k : visible) weights.push_back(RoleWeight(options, view.roles[static_cast<size_t>(k)]));
  const auto used = std::count_if(weights.begin(), weights.end(), [](double w) { return w > 0.0; });
  if (used < 3) std::fill(weights.begin(), weights.end(), 1.0);
  std::vector<std::pair<int, double>> weighted;
  for (size_t i = 0; i < visible.size(); ++i) {
    const double weight = weights[i] * view.confidence[visible[i]];
    if (weight != 0.0) weighted.emplace_back(visible[i], weight);
  }
  return weighted;
}

double UnitOf(const ReprojectionOptions& options, double pixels_per_metre) {
  const bool known = options.pixels_per_metre > 0.0 && pixels_per_metre > 0.0;
  return known ? options.pixels_per_metre / pixels_per_metre : 1.0;
}

std::vector<TermCost> MakeTermCosts(const Stage& given, const Scene& scene, const State& state) {
  const LiftedBody* lifted = given.conditional_prior.weight != 0.0 ? scene.Prediction() : nullptr;
  std::optional<Stage> beside;
  if (lifted != nullptr) beside = BesidePrediction(given);
  const Stage& stage = beside ? *beside : given;
  const Variables& variables = state.variables;
  const FrameLayout& layout = variables.layout;
  const Slice& body_pose = layout.of(SliceKind::kRotations);
  const Slice& transl = layout.of(SliceKind::kTranslation);
  scene.priors.Check(*scene.model);
  if (scene.CamerasMove() && !variables.has_motions())
    throw std::invalid_argument("camera_motion: expected 6 per view to go with cameras that move, got none");
  const std::vector<size_t> used_views = scene.ViewsWithKeypoints();

  TermCosts costs(stage, scene, state);
  if (stage.reprojection.weight != 0.0) costs.AddReprojection();
  if (stage.pose_prior.weight != 0.0)
    costs.Add(kPosePriorTerm, MakePosePriorCost(scene.priors.pose, stage.pose_prior, body_pose), {kFrame});
  if (lifted != nullptr)
    costs.Add(kConditionalPriorTerm,
              std::make_unique<ConditionalPriorCost>(lifted->pose, stage.conditional_prior.weight, body_pose),
              {kFrame});
  if (stage.angle_prior.weight != 0.0 && layout.num_joints() >= AnglePriorCost::kNumJointsNeeded)
    costs.Add(
        kAnglePriorTerm, std::make_unique<AnglePriorCost>(stage.angle_prior.weight, body_pose), {kFrame});
  if (stage.joint_limits.weight != 0.0 && scene.priors.joint_limits != nullptr)
    costs.Add(kJointLimitsTerm,
              std::make_unique<JointLimitsCost>(*scene.priors.joint_limits, stage.joint_limits, body_pose),
              {kFrame});
  if (stage.joint_prior.weight != 0.0 && !scene.priors.joints.empty())
    costs.Add(
        kJointPriorTerm, MakeJointPriorCost(stage.joint_prior.weight, scene.priors.joints, layout), {kFrame});
  if (stage.hand_prior.weight != 0.0 && layout.num_components() > 0)
    costs.Add(kHandPriorTerm, MakeHandPriorCost(stage.hand_prior.weight, layout), {kFrame});
  if (stage.shape_prior.weight != 0.0) costs.AddShapePrior();
  if (used_views.size() == 1) {
    const Camera& camera = scene.views[used_views[0]].camera;
    if (const double weight = DepthWeight(stage, scene, camera); weight != 0.0)
      costs.Add(kDepthPriorTerm,
                MakeDepthPriorCost(weight, Extrinsics(camera), state.place.transl, transl),
                {kFrame});
  }
  if (stage.focal_prior.weight != 0.0)
    for (const size_t v : used_views)
      if (FreesFocal(stage, scene.views[v].camera))
        costs.Add(kFocalPriorTerm,
                  MakeFocalPriorCost(stage.focal_prior.weight,
                                     std::get<Pinhole>(scene.views[v].camera).log_focal_sigma),
                  {variables.zoom_block(static_cast<int>(v))});
  if (stage.camera_prior.weight != 0.0)
    for (const size_t v : used_views)
      if (FreesMotion(stage, scene.views[v].camera)) {
        const Pinhole& camera = std::get<Pinhole>(scene.views[v].camera);
        costs.Add(kCameraPriorTerm,
                  MakeCameraPriorCost(stage.camera_prior.weight, camera.rotation_sigma, camera.centre_sigma),
                  {variables.motion_block(static_cast<int>(v))});
      }
  if (stage.interpenetration.weight != 0.0) costs.AddInterpenetration();
  if (stage.points3d.weight != 0.0) costs.AddPoints3d();
  if (stage.cloud.weight != 0.0) costs.AddClouds();
  if (stage.silhouette_inside.weight != 0.0 || stage.silhouette_contour.weight != 0.0) costs.AddSilhouettes();
  if (scene.person) {
    costs.AddLengths(kHeightTerm, stage.height.weight, scene.person->height);
    costs.AddLengths(kLimbLengthsTerm, stage.limb_lengths.weight, scene.person->limb_lengths);
  }
  if (stage.ground.weight != 0.0) costs.AddGround();
  return costs.Take();
}

}  // namespace smplceres
