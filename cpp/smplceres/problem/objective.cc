#include "smplceres/problem/objective.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "ceres/manifold.h"
#include "smplceres/body/collision_spheres.h"
#include "smplceres/problem/points_cost.h"
#include "smplceres/problem/pooled_cost.h"

namespace smplceres {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

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
    case KeypointRole::kLimb:
      break;
  }
  return options.limb_weight;
}

// w_k of the visible keypoints. A stage that looks at some kinds of keypoints alone (the torso) looks at
// all of them where fewer than three of those are seen.
std::vector<double> KeypointWeights(const ReprojectionOptions& options,
                                    const Observations& observations,
                                    const std::vector<int>& visible) {
  std::vector<double> weights;
  for (const int k : visible)
    weights.push_back(RoleWeight(options, observations.roles[static_cast<size_t>(k)]));
  const auto used = std::count_if(weights.begin(), weights.end(), [](double w) { return w > 0.0; });
  if (used < 3) std::fill(weights.begin(), weights.end(), 1.0);
  return weights;
}

// The depth of a scaled orthographic picture is in no residual: its prior then stands in every stage that
// has no points measured in space.
double DepthWeight(const Stage& stage, const Observations& observations) {
  const bool in_space = observations.points3d && stage.points3d.weight != 0.0;
  const bool weak = std::holds_alternative<WeakPerspective>(observations.camera) && !in_space;
  return weak && stage.depth_prior.weight == 0.0 ? kGaugeWeight : stage.depth_prior.weight;
}

Eigen::Index PriorSize(const PosePrior& prior) {
  if (const GaussianPrior* gaussian = std::get_if<GaussianPrior>(&prior)) return gaussian->mean.size();
  return std::get<MixturePrior>(prior).components.front().mean.size();
}

// Throws std::invalid_argument where they speak of more joints than the body has.
void Check(const Priors& priors, const Variables& variables) {
  const Eigen::Index size = variables.BodyPose().size();
  if (PriorSize(priors.pose) > size)
    throw std::invalid_argument("pose_prior: expected at most " + std::to_string(size) +
                                " pose numbers, got " + std::to_string(PriorSize(priors.pose)));
  if (priors.joint_limits == nullptr) return;
  const size_t joints = priors.joint_limits->joints.size();
  if (3 * joints > static_cast<size_t>(size))
    throw std::invalid_argument("joint_limits: expected at most " + std::to_string(size / 3) +
                                " joints, got " + std::to_string(joints));
}

std::unique_ptr<ceres::CostFunction> MakePosePriorCost(const PosePrior& prior,
                                                       const PosePriorOptions& options,
                                                       Slice body_pose) {
  if (const GaussianPrior* gaussian = std::get_if<GaussianPrior>(&prior))
    return MakeGaussianPriorCost(*gaussian, options.weight, body_pose);
  return std::make_unique<MixturePriorCost>(
      std::get<MixturePrior>(prior), options.weight, options.from_zero, body_pose);
}

template <typename Functor>
std::unique_ptr<const PooledTerm> MakeSphereTerm(const InterpenetrationOptions& options,
                                                 double scale,
                                                 const CollisionSpheres& spheres) {
  using Term = LimbPairTerm<Functor>;
  return std::make_unique<Term>(
      Functor(options), scale, spheres.limbs, options.shape ? Term::kFree : Term::kSolid);
}

}  // namespace

Objective::Objective(const Stage& stage,
                     const Observations& observations,
                     const Priors& priors,
                     const InitialPlace& place,
                     const Variables& variables)
    : stage_(stage),
      free_focal_(stage.free_focal && std::holds_alternative<Pinhole>(observations.camera) &&
                  !std::get<Pinhole>(observations.camera).focal_known),
      free_zoom_(free_focal_ || (std::holds_alternative<WeakPerspective>(observations.camera) &&
                                 !std::get<WeakPerspective>(observations.camera).scale_known)),
      layout_(variables.layout),
      num_betas_(static_cast<int>(variables.betas.size())) {
  const Slice body_pose{layout_.body_pose(), layout_.size()};
  const Slice transl{layout_.transl(), layout_.size()};
  Check(priors, variables);

  if (stage.reprojection.weight != 0.0)
    if (auto cost = MakeReprojectionCost(observations, place, variables); cost != nullptr)
      terms_.push_back({"reprojection", std::move(cost), {kFrame, kBetas, kCamera}});
  if (stage.pose_prior.weight != 0.0)
    terms_.push_back({"pose_prior", MakePosePriorCost(priors.pose, stage.pose_prior, body_pose), {kFrame}});
  if (stage.angle_prior.weight != 0.0 && layout_.num_joints >= AnglePriorCost::kNumJointsNeeded)
    terms_.push_back(
        {"angle_prior", std::make_unique<AnglePriorCost>(stage.angle_prior.weight, body_pose), {kFrame}});
  if (stage.joint_limits.weight != 0.0 && priors.joint_limits != nullptr)
    terms_.push_back({"joint_limits",
                      std::make_unique<JointLimitsCost>(*priors.joint_limits, stage.joint_limits, body_pose),
                      {kFrame}});
  if (stage.shape_prior.weight != 0.0)
    terms_.push_back({"shape_prior", MakeShapePriorCost(stage.shape_prior.weight, num_betas_), {kBetas}});
  if (const double weight = DepthWeight(stage, observations); weight != 0.0)
    terms_.push_back({"depth_prior",
                      MakeDepthPriorCost(weight, Extrinsics(observations.camera), place.transl, transl),
                      {kFrame}});
  if (free_focal_ && stage.focal_prior.weight != 0.0)
    terms_.push_back({"focal_prior", MakeFocalPriorCost(stage.focal_prior.weight), {kCamera}});
  if (stage.interpenetration.weight != 0.0)
    if (auto cost = MakeInterpenetrationCost(observations.model, variables); cost != nullptr)
      terms_.push_back({"interpenetration", std::move(cost), {kFrame, kBetas}});
  if (stage.points3d.weight != 0.0 && observations.points3d)
    if (auto cost = MakePoints3dCost(observations, variables); cost != nullptr)
      terms_.push_back({"points3d", std::move(cost), {kFrame, kBetas, kCamera}});
}

std::unique_ptr<ceres::CostFunction> Objective::MakeReprojectionCost(const Observations& observations,
                                                                     const InitialPlace& place,
                                                                     const Variables& variables) const {
  const ReprojectionOptions& options = stage_.reprojection;
  Check(options);
  const double scale = ResidualScale("reprojection", options.weight);
  const double unit = options.pixels_per_metre > 0.0 && place.pixels_per_metre > 0.0
                          ? options.pixels_per_metre / place.pixels_per_metre
                          : 1.0;
  const std::vector<int> visible = observations.Visible();
  const std::vector<double> weights = KeypointWeights(options, observations, visible);

  return std::visit(
      [&](const auto& camera) {
        using Functor = Reprojection<std::decay_t<decltype(camera)>>;
        auto term = std::make_unique<PointTermSet<Functor>>();
        for (size_t i = 0; i < visible.size(); ++i) {
          const int k = visible[i];
          const double factor = scale * weights[i] * observations.confidence[k];
          if (factor == 0.0) continue;
          term->Add(Functor(camera, observations.keypoints.row(k), factor, unit, options),
                    {observations.point_of_keypoint[static_cast<size_t>(k)]});
        }
        return MakeTermCost(std::move(term), observations.points, observations, variables);
      },
      observations.camera);
}

std::unique_ptr<ceres::CostFunction> Objective::MakeTermCost(
    std::unique_ptr<PointTerm> term,
    const std::shared_ptr<const SkinnedPoints>& points,
    const Observations& observations,
    const Variables& variables) const {
  auto frame_points = std::make_shared<FramePoints>();
  frame_points->model = observations.model;
  frame_points->points = points;
  frame_points->root_anchor = variables.root_anchor;
  frame_points->camera = observations.camera;
  frame_points->terms.push_back(std::move(term));
  if (frame_points->num_residuals() == 0) return nullptr;
  return stage_.solver.jacobian == JacobianMethod::kFast ? MakePointsCost(frame_points)
                                                         : MakeAutoDiffPointsCost(frame_points);
}

std::unique_ptr<ceres::CostFunction> Objective::MakeInterpenetrationCost(
    const std::shared_ptr<const BodyModel>& model, const Variables& variables) const {
  const InterpenetrationOptions& options = stage_.interpenetration;
  Check(options);
  const double scale = ResidualScale("interpenetration", options.weight);
  const CollisionSpheres* spheres = model->collision_spheres();
  if (spheres == nullptr || spheres->limbs.pairs.empty()) return nullptr;
  auto pooled = std::make_shared<PooledPoints>();
  pooled->model = model;
  pooled->points = spheres->points;
  if (options.overlap == Overlap::kGaussian) {
    pooled->term = MakeSphereTerm<GaussianOverlap>(options, scale, *spheres);
  } else {
    pooled->term = MakeSphereTerm<OverlapDepth>(options, scale, *spheres);
  }
  pooled->shape = options.shape;
  pooled->root_anchor = variables.root_anchor;
  return stage_.solver.jacobian == JacobianMethod::kFast ? MakePooledCost(pooled)
                                                         : MakeAutoDiffPooledCost(pooled);
}

std::unique_ptr<ceres::CostFunction> Objective::MakePoints3dCost(const Observations& observations,
                                                                 const Variables& variables) const {
  const Points3dOptions& options = stage_.points3d;
  Check(options);
  const double scale = ResidualScale("points3d", options.weight);
  const Points3d& measured = *observations.points3d;
  auto term = std::make_unique<PointTermSet<Point3d>>();
  for (const int i : measured.Seen())
    term->Add(Point3d(measured.xyz.row(i), measured.whitening[static_cast<size_t>(i)], scale, options),
              {measured.point_of[static_cast<size_t>(i)]});
  return MakeTermCost(std::move(term), measured.points, observations, variables);
}

std::vector<int> Objective::HeldOfFrame() const {
  std::vector<int> held;
  const auto hold = [&](int begin, int end) {
    for (int i = begin; i < end; ++i) held.push_back(i);
  };
  if (!stage_.free_global_orient) hold(layout_.root(), layout_.body_pose());
  if (!stage_.free_body_pose) hold(layout_.body_pose(), layout_.transl());
  if (!stage_.free_transl) hold(layout_.transl(), layout_.size());
  return held;
}

std::vector<bool> Objective::free_parameters() const {
  std::vector<bool> free(static_cast<size_t>(num_parameters()), true);
  for (const int i : HeldOfFrame()) free[static_cast<size_t>(i)] = false;
  std::fill_n(free.begin() + layout_.size(), num_betas_, stage_.free_betas);
  free.back() = free_zoom_;
  return free;
}

void Objective::AddTo(ceres::Problem* problem, Variables* variables) const {
  double* blocks[kNumBlocks] = {variables->frame.data(), variables->betas.data(), &variables->log_zoom};
  problem->AddParameterBlock(blocks[kFrame], layout_.size());
  problem->AddParameterBlock(blocks[kBetas], num_betas_);
  problem->AddParameterBlock(blocks[kCamera], 1);

  const std::vector<int> held = HeldOfFrame();
  if (static_cast<int>(held.size()) == layout_.size()) {
    problem->SetParameterBlockConstant(blocks[kFrame]);
  } else if (!held.empty()) {
    problem->SetManifold(blocks[kFrame], new ceres::SubsetManifold(layout_.size(), held));
  }
  if (!stage_.free_betas) problem->SetParameterBlockConstant(blocks[kBetas]);
  if (!free_zoom_) problem->SetParameterBlockConstant(blocks[kCamera]);
  if (free_focal_ && stage_.solver.minimizer != Minimizer::kLbfgs) {  // which knows no bounds
    problem->SetParameterLowerBound(blocks[kCamera], 0, -std::log(kMostZoom));
    problem->SetParameterUpperBound(blocks[kCamera], 0, std::log(kMostZoom));
  }

  for (const TermCost& term : terms_) {
    std::vector<double*> parameters;
    for (const Block block : term.blocks) parameters.push_back(blocks[block]);
    problem->AddResidualBlock(term.cost.get(), nullptr, parameters);
  }
}

int Objective::num_residuals() const {
  int rows = 0;
  for (const TermCost& term : terms_) rows += term.cost->num_residuals();
  return rows;
}

int Objective::num_parameters() const { return layout_.size() + num_betas_ + 1; }

std::vector<std::pair<std::string, int>> Objective::rows() const {
  std::vector<std::pair<std::string, int>> rows;
  for (const TermCost& term : terms_) rows.emplace_back(term.name, term.cost->num_residuals());
  return rows;
}

bool Objective::Evaluate(const Variables& variables, Eigen::VectorXd* residuals, RowMatrix* jacobian) const {
  const double* values[kNumBlocks] = {variables.frame.data(), variables.betas.data(), &variables.log_zoom};
  const int sizes[kNumBlocks] = {layout_.size(), num_betas_, 1};
  const int columns[kNumBlocks] = {0, layout_.size(), layout_.size() + num_betas_};
  residuals->setConstant(num_residuals(), kNaN);
  if (jacobian != nullptr) jacobian->setZero(num_residuals(), num_parameters());

  int row = 0;
  for (const TermCost& term : terms_) {
    const int rows = term.cost->num_residuals();
    std::vector<const double*> parameters;
    std::vector<RowMatrix> block_jacobians;
    std::vector<double*> block_pointers;
    for (const Block block : term.blocks) {
      parameters.push_back(values[block]);
      block_jacobians.push_back(RowMatrix::Constant(rows, sizes[block], kNaN));
    }
    for (RowMatrix& block : block_jacobians) block_pointers.push_back(block.data());
    if (!term.cost->Evaluate(parameters.data(),
                             residuals->data() + row,
                             jacobian != nullptr ? block_pointers.data() : nullptr))
      return false;
    if (jacobian != nullptr)
      for (size_t i = 0; i < term.blocks.size(); ++i)
        jacobian->block(row, columns[term.blocks[i]], rows, sizes[term.blocks[i]]) = block_jacobians[i];
    row += rows;
  }
  return true;
}

std::map<std::string, double> Objective::Energies(const Variables& variables) const {
  std::map<std::string, double> energies;
  Eigen::VectorXd residuals;
  if (!Evaluate(variables, &residuals, nullptr)) return energies;
  int row = 0;
  for (const TermCost& term : terms_) {
    const int rows = term.cost->num_residuals();
    energies[term.name] = residuals.segment(row, rows).squaredNorm();
    row += rows;
  }
  return energies;
}

}  // namespace smplceres
