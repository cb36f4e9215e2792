#include "smplceres/objective/presets.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace smplceres {
namespace {

double Squared(double x) { return x * x; }

// SMPLify publishes weights of residuals; weights here multiply energies and are their squares.
constexpr double kAngleOfPose = 3.17;  // residual weight of the angle prior / the pose prior's
// Residual weight of the joint limits / the pose prior's. The angle prior is kept beside them, since it does
// more than limit elbows and knees: without it, with or without limits, the joints of 500 fits with the
// hand-set prior had errors of 67 mm instead of 59.
constexpr double kLimitsOfPose = 6.0;

// The same as the shape prior's, since both are in standard deviations. It also applies in stages without
// betas, but not while the body is in its start pose, whose feet would move and tilt it.
constexpr double kGroundWeight = 25.0;

// Factor on the interpenetration weight beside masks and clouds, since a measured surface is more accurate
// than spheres. For 150 training fits with masks, the error of shape is 16 mm with five times the default
// weight and 14 with half of it.
constexpr double kCollisionsBesideSurface = 0.5;

// Weight of the conditional prior / the pose prior's, once a pose is near, and the factor on all priors on
// poses that know nothing of the image. Root-aligned errors of 120 held-out fits, mm (tools/motion_folds.py,
// fold 2):
//
//   conditional   unconditional   recorded   40 % missing   crouching   bending   acrobatics
//   0.12          1               52.4       76.1           76.0        64.2      65.4
//   0.12          0.25            50.2       73.0           69.1        57.3      64.3
//   0.18          0.25            48.9       71.2           68.8        57.5      63.5
//   0.24          0.25            48.8       70.7           68.1        58.0      64.6
//   0.18          0.1             49.0       71.7           66.7        56.4      63.6
//   0.18          0.5             49.9       70.6           71.5        59.8      63.8
constexpr double kConditionalOfPose = 0.18;
constexpr double kUnconditional = 0.25;

// Factor on the weight of the conditional prior in an update of a tracker: predictions for successive frames
// are hardly independent, and each enters the prior from earlier frames. On 30 validation motions
// (benchmarks/tracker.py), joints have errors of 54.8 mm without and 49.1 and 46.3 mm with 0.25 and 0.83; the
// 90 % ellipsoids contain 90, 87 and 76 % of them.
constexpr double kPredictionOfUpdate = 0.33;

// Factor on the weight of the hand prior, once the body is near. Finger tips of 80 synthetic hands
// (benchmarks/whole_body.py, poses of train2) are off by 11.3, 10.9 and 11.5 mm in the mean with factors of
// 1, 1/2 and 1/4 at 3 px, and by 9.1 and 8.3 with 1 and 1/4 at 1.5 px; the fingers of six real frames by 9.8,
// and by 7.1 px with 1/4.
constexpr double kHandOfPose = 0.25;

// Factor on the residuals of the edge of a face / those of the face: detectors disagree on it by 8 px where
// they agree on eyes and mouth by 2 to 3 (OpenPose and MediaPipe on the same frames, faces 146 px wide).
constexpr double kContourOfFace = 0.3;

// Factor on the weights of pose priors in frames of a sequence.
constexpr double kPriorOfFrame = 0.4;

// Priors of jaw, eyes and fingers, on the scale of the pose prior, whose energy is -weight log p.
void SetDetailKnowledge(double pose_prior, Stage* stage) {
  stage->joint_prior.weight = stage->hand_prior.weight = pose_prior / 2.0;
}

void SetPoseKnowledge(double pose_prior, Stage* stage) {
  stage->pose_prior.weight = pose_prior;
  stage->angle_prior.weight = Squared(kAngleOfPose) * pose_prior;
  stage->joint_limits.weight = Squared(kLimitsOfPose) * pose_prior;
  SetDetailKnowledge(pose_prior, stage);
}

void SetLengths(double weight, Stage* stage) { stage->height.weight = stage->limb_lengths.weight = weight; }

void SetPointsInSpace(double weight, Stage* stage) { stage->points3d.weight = stage->cloud.weight = weight; }

// The last stage with silhouettes; outlines and their matches are recomputed in each round.
//
// Weights multiply the mean over all points of an outline, beside keypoints of weight 1 each; residual units
// are those of 300 px/m. They were chosen with benchmarks/silhouette.py on the prior's training motions, and
// on two photographs, where clothes and hair extend beyond the body: a narrow robust width at the end rejects
// them, a wide one fattened the body. Five times the weight changes the error of shape of 150 training fits
// from 14 to 11 mm with exact masks, but from 27 to 31 mm with masks 2 px too wide and uneven by 3 px
// (keypoints alone: 29).
std::vector<Stage> SilhouetteStages(const Stage& last) {
  struct Row {
    const char* name;
    double weight, sigma;
    int rounds;
  };
  std::vector<Stage> stages;
  for (const Row& row : {Row{"silhouette, wide", 200.0, 20.0, 2}, Row{"silhouette", 1000.0, 4.0, 2}}) {
    Stage stage = last;
    stage.name = row.name;
    stage.silhouette_inside.weight = stage.silhouette_contour.weight = row.weight;
    stage.silhouette_inside.sigma = stage.silhouette_contour.sigma = row.sigma;
    stage.interpenetration.weight *= kCollisionsBesideSurface;
    stage.rounds = row.rounds;
    stage.solver.max_iterations = 8;
    stage.solver.function_tolerance = 1e-3;
    stages.push_back(stage);
  }
  return stages;
}

}  // namespace

std::vector<Stage> DefaultStages(bool mask) {
  struct Row {
    const char* name;
    double sigma;        // px
    double pose, shape;  // weights of the residuals of pose and shape prior
    double conditional;  // weight of the conditional prior / the pose prior's
    int iterations;
  };
  std::vector<Stage> stages;
  for (const Row& row : {Row{"camera", 400.0, 0.0, 0.0, 0.0, 20},
                         Row{"pose, strong prior", 400.0, 30.0, 0.0, 0.0, 10},
                         Row{"pose", 200.0, 12.0, 0.0, 0.0, 12},
                         Row{"shape", 100.0, 6.0, 8.0, kConditionalOfPose, 10},
                         Row{"everything", 60.0, kLastPoseFactor, 5.0, kConditionalOfPose, 60}}) {
    Stage stage;
    stage.name = row.name;
    stage.free_body_pose = row.pose > 0.0;
    stage.free_betas = row.shape > 0.0;
    stage.reprojection.weight = 1.0;
    stage.reprojection.sigma = row.sigma;
    stage.reprojection.per_point = true;
    stage.reprojection.pixels_per_metre = 300.0;
    stage.pose_prior.weight = Squared(row.pose);
    stage.pose_prior.from_zero = true;
    stage.conditional_prior.weight = row.conditional * Squared(row.pose);
    stage.conditional_prior.unconditional = kUnconditional;
    stage.angle_prior.weight = Squared(kAngleOfPose * row.pose);
    stage.joint_limits.weight = Squared(kLimitsOfPose * row.pose);
    SetDetailKnowledge(Squared(row.pose), &stage);
    stage.shape_prior.weight = Squared(row.shape);
    SetLengths(Squared(row.shape), &stage);
    stage.ground.weight = row.pose > 0.0 ? kGroundWeight : 0.0;
    // Weak (a metre counts as much as a pixel), but without it keypoints that are all outliers would move the
    // body away until it projects to a point.
    stage.depth_prior.weight = 1.0;
    // Focal lengths and camera poses are freed only with the pose, because a leaning body looks like a near
    // one.
    stage.free_focal = stage.free_cameras = row.shape > 0.0;
    stage.focal_prior.weight = Squared(row.pose);
    stage.camera_prior.weight = Squared(row.pose) / 2.0;
    SetPointsInSpace(kGaussianWeight, &stage);
    stage.solver.max_iterations = row.iterations;
    stage.solver.function_tolerance = 1e-2;
    stages.push_back(stage);
  }
  Stage &camera = stages.front(), &shape = stages[3], &everything = stages.back();
  camera.reprojection.limb_weight = 0.0;
  camera.depth_prior.weight = 100.0;
  // benchmarks/collisions.py measures the effect and the time. It differentiates with respect to betas, too;
  // otherwise the gradient belongs to no energy, and the last stage stops short of a minimum.
  // The weights are low because the spheres are wider than limbs, and because recorded poses do touch: in 70
  // % of 400 the mesh is inside itself, in 40 % by over 20 mm. Of 300 held-out fits, errors are 49.6 mm
  // without the term, 49.4, 49.7, 49.9 and 50.3 with 0.5, 1, 1.5 and 5 times these weights.
  shape.interpenetration.weight = 1e4;
  everything.interpenetration.weight = 2e4;
  for (Stage* stage : {&shape, &everything}) {
    stage->interpenetration.overlap = Overlap::kDepth;
    stage->interpenetration.inflate = 1.3;
    stage->interpenetration.shape = true;
  }
  // On 300 training motions, a third of this tolerance takes 11 % more time and improves
  // joints by at most 0.1 mm.
  everything.solver.function_tolerance = 3e-4;
  everything.reference_noise = 2.5;  // benchmarks/noise.py
  if (mask)
    for (Stage& stage : SilhouetteStages(everything)) stages.push_back(std::move(stage));
  return stages;
}

std::vector<Stage> CloudStages(bool mask) {
  struct Row {
    double gate, width;  // metres
    int rounds;
  };
  constexpr std::array<Row, 5> kSchedule = {
      Row{0.4, 0.3, 3}, Row{0.3, 0.2, 3}, Row{0.2, 0.1, 3}, Row{0.15, 0.05, 3}, Row{0.1, 0.03, 5}};
  std::vector<Stage> stages = DefaultStages(mask);
  for (size_t i = 0; i < stages.size(); ++i) {
    const Row& row = kSchedule[std::min(i, kSchedule.size() - 1)];
    stages[i].cloud.gate = row.gate;
    stages[i].cloud.width = row.width;
    stages[i].rounds = row.rounds;
    if (stages[i].silhouette_inside.weight == 0.0)  // already applied in the others
      stages[i].interpenetration.weight *= kCollisionsBesideSurface;
  }
  // Enough for all pixels of a person a few metres away, which averages the noise.
  stages.back().cloud.max_points = 4000;
  return stages;
}

std::vector<Stage> SmplifyStages() {
  Stage camera;
  camera.name = "camera";
  camera.free_body_pose = camera.free_betas = camera.free_cameras = false;
  camera.reprojection.head_weight = camera.reprojection.limb_weight = 0.0;
  camera.reprojection.robust = Robust::kNone;
  camera.depth_prior.weight = Squared(1e2);
  SetLengths(1.0, &camera);
  std::vector<Stage> stages = {camera};
  const double schedule[][2] = {{404.0, 100.0}, {404.0, 50.0}, {57.4, 10.0}, {4.78, 5.0}};
  for (const auto& [pose, shape] : schedule) {
    Stage stage;
    stage.name = "body " + std::to_string(stages.size());
    stage.free_transl = false;
    stage.reprojection.sigma = 100.0;
    stage.reprojection.hip_weight = 0.0;
    stage.pose_prior.weight = Squared(pose);
    stage.angle_prior.weight = Squared(kAngleOfPose * pose);
    SetDetailKnowledge(Squared(pose), &stage);
    stage.shape_prior.weight = stage.camera_prior.weight = Squared(shape);
    SetLengths(Squared(shape), &stage);
    stage.ground.weight = Squared(shape);
    stage.interpenetration.weight = Squared(1e3);
    stages.push_back(stage);
  }
  for (Stage& stage : stages) {
    stage.reprojection.weight = 1.0;
    stage.reprojection.neck_weight = 0.0;
    SetPointsInSpace(kGaussianWeight, &stage);
    stage.solver.minimizer = Minimizer::kDogleg;
    stage.solver.max_iterations = 100;
  }
  return stages;
}

std::vector<Stage> WholeBodyStages() {
  std::vector<Stage> stages = DefaultStages(false);
  Stage everything = stages.back();
  everything.hand_prior.weight *= kHandOfPose;
  for (Stage& stage : stages) {
    stage.free_further = false;
    stage.reprojection.hand_weight = stage.reprojection.face_weight = stage.reprojection.contour_weight = 0.0;
  }
  stages.back().name = "body";
  stages.back().solver.function_tolerance = 1e-2;
  stages.back().reference_noise = 0.0;
  everything.reprojection.contour_weight = kContourOfFace;
  Stage details = everything;
  details.name = "hands and face";
  details.free_global_orient = details.free_transl = details.free_betas = false;
  details.free_focal = details.free_cameras = false;
  details.interpenetration.weight = 0.0;
  details.turned_wrists = true;
  details.reference_noise = 0.0;
  details.solver.max_iterations = 20;
  details.solver.function_tolerance = 1e-2;
  stages.push_back(details);
  stages.push_back(everything);
  return stages;
}

std::vector<Stage> SmplifyXStages() {
  struct Row {
    double pose, shape, jaw, hands, face;  // weights of residuals
    double collisions;
  };
  std::vector<Stage> stages = {SmplifyStages().front()};
  for (const Row& row : {Row{404.0, 100.0, 4.04e3, 0.0, 0.0, 0.0},
                         Row{404.0, 50.0, 4.04e3, 0.0, 0.0, 0.0},
                         Row{57.4, 10.0, 574.0, 0.0, 0.0, 0.0},
                         Row{4.78, 5.0, 47.8, 0.1, 0.0, 0.01},
                         Row{4.78, 5.0, 47.8, 2.0, 2.0, 1.0}}) {
    Stage stage;
    stage.name = "body " + std::to_string(stages.size());
    stage.reprojection.weight = 1.0;
    stage.reprojection.sigma = 100.0;
    stage.reprojection.hand_weight = row.hands;
    stage.reprojection.face_weight = row.face;
    stage.reprojection.contour_weight = 0.0;
    stage.pose_prior.weight = Squared(row.pose);
    stage.angle_prior.weight = Squared(kAngleOfPose * row.pose);
    stage.hand_prior.weight = Squared(row.pose);
    stage.joint_prior.weight = Squared(row.jaw);
    stage.shape_prior.weight = Squared(row.shape);
    stage.interpenetration.weight = Squared(1e3 * row.collisions);
    stage.solver.minimizer = Minimizer::kDogleg;
    stage.solver.max_iterations = 100;
    stages.push_back(stage);
  }
  return stages;
}

std::vector<Stage> SequenceStages() {
  Stage together = DefaultStages(false).back();
  // Neighbouring frames have nearly the same pose, so its prior would count several times.
  together.pose_prior.weight *= kPriorOfFrame;
  together.conditional_prior.weight *= kPriorOfFrame;
  together.joint_limits.weight *= kPriorOfFrame;
  together.joint_prior.weight *= kPriorOfFrame;
  together.hand_prior.weight *= kPriorOfFrame;
  together.angle_prior.weight *= kPriorOfFrame / 16.0;
  together.acceleration.weight = together.rotation_walk.weight = kGaussianWeight;
  together.solver.max_iterations = 20;
  together.solver.function_tolerance = 1e-3;
  Stage everything = together;
  together.name = "together";
  // Neighbouring frames reveal outliers, so the width is narrower. Joints have errors of 48.8 mm with 60,
  // and 48.5, 47.7 and 48.4 with 30, 20 and 14.
  together.reprojection.sigma = 100.0;
  everything.reprojection.sigma = 20.0;
  together.interpenetration.weight = 0.0;
  return {together, everything};
}

std::vector<Stage> Joints3dStages() {
  struct Row {
    const char* name;
    double pose, shape;  // weights of the energies of pose and shape prior
    int iterations;
  };
  std::vector<Stage> stages;
  for (const Row& row : {Row{"place", 0.0, 0.0, 20},
                         Row{"pose, strong prior", 300.0, 0.0, 20},
                         Row{"pose and shape", 10.0, 2.0, 30},
                         Row{"everything, weak prior", 0.005, 0.005, 100}}) {
    Stage stage;
    stage.name = row.name;
    stage.free_body_pose = row.pose > 0.0;
    stage.free_betas = row.shape > 0.0;
    SetPointsInSpace(1.0, &stage);
    SetLengths(1.0, &stage);
    stage.ground.weight = row.pose > 0.0 ? 1.0 : 0.0;
    SetPoseKnowledge(row.pose, &stage);
    stage.shape_prior.weight = row.shape;
    stage.solver.max_iterations = row.iterations;
    stage.solver.function_tolerance = 1e-3;
    stages.push_back(stage);
  }
  stages.back().solver.function_tolerance = 1e-7;
  return stages;
}

Stage TrackerStage() {
  Stage stage = DefaultStages(false).back();
  stage.name = "update";
  stage.interpenetration.weight = 0.0;
  stage.conditional_prior.weight *= kPredictionOfUpdate;
  stage.reference_noise = 0.0;
  stage.depth_prior.weight = 0.0;   // the prior from earlier frames holds the depth
  stage.solver.max_iterations = 2;  // from a prediction; benchmarks/tracker.py
  stage.solver.function_tolerance = 1e-3;
  return stage;
}

std::vector<Stage> TrackerColdStages() {
  std::vector<Stage> stages = DefaultStages(false);
  for (Stage& stage : stages) stage.interpenetration.weight = 0.0;
  stages.back().reference_noise = 0.0;
  return stages;
}

}  // namespace smplceres
