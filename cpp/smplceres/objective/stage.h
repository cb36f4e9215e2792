// One stage of a fit: its free variables, its terms with their weights, and the options of the solver.
#pragma once

#include <string>
#include <vector>

#include "smplceres/solve/options.h"
#include "smplceres/terms/acceleration.h"
#include "smplceres/terms/cloud.h"
#include "smplceres/terms/ground.h"
#include "smplceres/terms/interpenetration.h"
#include "smplceres/terms/points3d.h"
#include "smplceres/terms/priors/angle_prior.h"
#include "smplceres/terms/priors/body_length.h"
#include "smplceres/terms/priors/camera_prior.h"
#include "smplceres/terms/priors/conditional_prior.h"
#include "smplceres/terms/priors/depth_prior.h"
#include "smplceres/terms/priors/focal_prior.h"
#include "smplceres/terms/priors/hand_prior.h"
#include "smplceres/terms/priors/joint_limits.h"
#include "smplceres/terms/priors/joint_prior.h"
#include "smplceres/terms/priors/pose_prior.h"
#include "smplceres/terms/priors/shape_prior.h"
#include "smplceres/terms/reprojection.h"
#include "smplceres/terms/rotation_walk.h"
#include "smplceres/terms/silhouette_contour.h"
#include "smplceres/terms/silhouette_inside.h"

namespace smplceres {

// A new stage has no terms: all weights are 0.
struct Stage {
  std::string name = "stage";
  bool free_global_orient = true;
  bool free_body_pose = true;
  bool free_transl = true;
  bool free_further = true;
  std::vector<std::string> held_slices;
  bool free_betas = true;
  bool free_focal = true;
  bool free_cameras = true;

  ReprojectionOptions reprojection;
  PosePriorOptions pose_prior;
  ConditionalPriorOptions conditional_prior;
  AnglePriorOptions angle_prior;
  JointLimitsOptions joint_limits;
  JointPriorOptions joint_prior;
  HandPriorOptions hand_prior;
  ShapePriorOptions shape_prior;
  DepthPriorOptions depth_prior;
  FocalPriorOptions focal_prior;
  CameraPriorOptions camera_prior;
  InterpenetrationOptions interpenetration;
  Points3dOptions points3d;
  CloudOptions cloud;
  SilhouetteInsideOptions silhouette_inside;
  SilhouetteContourOptions silhouette_contour;
  HeightOptions height;
  LimbLengthsOptions limb_lengths;
  GroundOptions ground;
  AccelerationOptions acceleration;
  RotationWalkOptions rotation_walk;

  int rounds = 1;
  bool turned_wrists = false;
  double reference_noise = 0.0;
  SolverOptions solver;

  // All members but the options of the terms, which ForEachTerm has.
  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("name", &Stage::name, "Name in reports.");
    visit("free_global_orient", &Stage::free_global_orient, "The root rotates.");
    visit("free_body_pose", &Stage::free_body_pose, "The other joints rotate.");
    visit("free_transl", &Stage::free_transl, "The body translates.");
    visit("free_further",
          &Stage::free_further,
          "The further slices of the body, such as hands and expression, are free if body_pose is.");
    visit("held_slices",
          &Stage::held_slices,
          "Names of further slices of the body that are constant; all others are free if body_pose is.");
    visit("free_betas", &Stage::free_betas, "The shape is estimated, unless it is known.");
    visit(
        "free_focal", &Stage::free_focal, "The focal lengths of cameras are estimated if they are unknown.");
    visit("free_cameras", &Stage::free_cameras, "The poses of cameras are estimated if they are unknown.");
    visit("rounds",
          &Stage::rounds,
          "Number of solves, 1 to 1000, reported as one. Before each, terms are rebuilt at the current "
          "state, since visibility and matches of points are constant during a solve.");
    visit("turned_wrists",
          &Stage::turned_wrists,
          "Each poorly fitted hand is also solved from other turns about its forearm, and the solution of "
          "least energy is kept (fit/single/turned_wrists.h).");
    visit("reference_noise",
          &Stage::reference_noise,
          "The noise of keypoints for which the weights are tuned: standard deviation of a coordinate of "
          "confidence 1, residual units. If > 0 in the last stage, the weights of all terms but those of "
          "images and collisions follow the noise of the keypoints (fit/single/noise.h); 0: they are "
          "constant.");
    visit("solver", &Stage::solver, "Options of the solver.");
  }
};

// The list of all terms: calls visit(info, member) for each, with a pointer to the Stage member of its
// options.
template <typename Visitor>
void ForEachTerm(const Visitor& visit) {
  visit(kReprojectionTerm, &Stage::reprojection);
  visit(kPosePriorTerm, &Stage::pose_prior);
  visit(kConditionalPriorTerm, &Stage::conditional_prior);
  visit(kAnglePriorTerm, &Stage::angle_prior);
  visit(kJointLimitsTerm, &Stage::joint_limits);
  visit(kJointPriorTerm, &Stage::joint_prior);
  visit(kHandPriorTerm, &Stage::hand_prior);
  visit(kShapePriorTerm, &Stage::shape_prior);
  visit(kDepthPriorTerm, &Stage::depth_prior);
  visit(kFocalPriorTerm, &Stage::focal_prior);
  visit(kCameraPriorTerm, &Stage::camera_prior);
  visit(kInterpenetrationTerm, &Stage::interpenetration);
  visit(kPoints3dTerm, &Stage::points3d);
  visit(kCloudTerm, &Stage::cloud);
  visit(kSilhouetteInsideTerm, &Stage::silhouette_inside);
  visit(kSilhouetteContourTerm, &Stage::silhouette_contour);
  visit(kHeightTerm, &Stage::height);
  visit(kLimbLengthsTerm, &Stage::limb_lengths);
  visit(kGroundTerm, &Stage::ground);
  visit(kAccelerationTerm, &Stage::acceleration);
  visit(kRotationWalkTerm, &Stage::rotation_walk);
}

// The stage with `factor` times the weights of the terms for which applies(info) is true.
template <typename Predicate>
Stage WithScaledWeights(Stage stage, double factor, const Predicate& applies) {
  ForEachTerm([&](const TermInfo& term, auto member) {
    if (applies(term)) (stage.*member).weight *= factor;
  });
  return stage;
}

// Throws std::invalid_argument for an empty list and for a number of rounds out of range.
void CheckStages(const std::vector<Stage>& stages);

}  // namespace smplceres
