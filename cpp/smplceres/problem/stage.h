// One stage of a fit, as data: which variables are free, which terms with which weights, how it is solved.
#pragma once

#include <string>
#include <variant>

#include "smplceres/solve/options.h"
#include "smplceres/terms/angle_prior.h"
#include "smplceres/terms/depth_prior.h"
#include "smplceres/terms/gaussian_prior.h"
#include "smplceres/terms/joint_limits.h"
#include "smplceres/terms/mixture_prior.h"
#include "smplceres/terms/points3d.h"
#include "smplceres/terms/reprojection.h"
#include "smplceres/terms/shape_prior.h"

namespace smplceres {

using PosePrior = std::variant<GaussianPrior, MixturePrior>;

struct PosePriorOptions {
  double weight = 0.0;
};

struct Stage {
  std::string name = "stage";
  bool free_global_orient = true;
  bool free_body_pose = true;
  bool free_transl = true;
  bool free_betas = true;
  ReprojectionOptions reprojection;
  PosePriorOptions pose_prior;
  AnglePriorOptions angle_prior;
  JointLimitOptions joint_limits;
  ShapePriorOptions shape_prior;
  DepthPriorOptions depth_prior;
  Points3dOptions points3d;
  SolverOptions solver;
};

}  // namespace smplceres
