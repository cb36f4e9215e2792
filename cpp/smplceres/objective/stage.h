// One stage of a fit, as data: which variables are free, which terms with which weights, how it is solved.
#pragma once

#include <string>
#include <vector>

#include "smplceres/solve/options.h"
#include "smplceres/terms/acceleration.h"
#include "smplceres/terms/angle_prior.h"
#include "smplceres/terms/body_length.h"
#include "smplceres/terms/camera_prior.h"
#include "smplceres/terms/cloud.h"
#include "smplceres/terms/depth_prior.h"
#include "smplceres/terms/focal_prior.h"
#include "smplceres/terms/gaussian_prior.h"
#include "smplceres/terms/ground.h"
#include "smplceres/terms/interpenetration.h"
#include "smplceres/terms/joint_limits.h"
#include "smplceres/terms/mixture_prior.h"
#include "smplceres/terms/points3d.h"
#include "smplceres/terms/reprojection.h"
#include "smplceres/terms/rotation_walk.h"
#include "smplceres/terms/shape_prior.h"
#include "smplceres/terms/silhouette_contour.h"
#include "smplceres/terms/silhouette_inside.h"

namespace smplceres {

struct PosePriorOptions {
  double weight = 0.0;
  bool from_zero = false;  // of a mixture: without the constant that its energy has at best
};

struct Stage {
  std::string name = "stage";
  bool free_global_orient = true;
  bool free_body_pose = true;
  bool free_transl = true;
  // Names of further slices of the body (body/layout.h) that stay; all others move with body_pose.
  std::vector<std::string> held_slices;
  bool free_betas = true;    // where they are not known
  bool free_focal = true;    // where the camera's focal length is unknown
  bool free_cameras = true;  // where a camera's pose is unknown
  ReprojectionOptions reprojection;
  PosePriorOptions pose_prior;
  AnglePriorOptions angle_prior;
  JointLimitOptions joint_limits;
  ShapePriorOptions shape_prior;
  DepthPriorOptions depth_prior;
  FocalPriorOptions focal_prior;
  CameraPriorOptions camera_prior;
  InterpenetrationOptions interpenetration;
  Points3dOptions points3d;
  CloudOptions cloud;
  SilhouetteInsideOptions silhouette_inside;
  SilhouetteContourOptions silhouette_contour;
  // Between frames: of no account where there is one.
  AccelerationOptions acceleration;
  RotationWalkOptions rotation_walk;
  BodyLengthOptions height;
  BodyLengthOptions limb_lengths;
  GroundOptions ground;
  // Times that the stage is solved, its terms made anew at the state reached each time: what they take from
  // there (which points of the body are seen, what is nearest to what) is held during one solve.
  int rounds = 1;
  // Noise of keypoints for which the weights are right, residual units (fit/single/noise.h); 0: for any, they
  // are kept. Of account in the last stage.
  double reference_noise = 0.0;
  SolverOptions solver;
};

// Throws std::invalid_argument for no stages and for a number of rounds out of range.
void CheckStages(const std::vector<Stage>& stages);

}  // namespace smplceres
