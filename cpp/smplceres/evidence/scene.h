// The constant input of a fit: observations of one person at one time, prior knowledge of the person and the
// ground, and the priors on poses.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <optional>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/evidence/cloud.h"
#include "smplceres/evidence/ground.h"
#include "smplceres/evidence/lifting.h"
#include "smplceres/evidence/person.h"
#include "smplceres/evidence/points3d.h"
#include "smplceres/evidence/priors.h"
#include "smplceres/evidence/view.h"

namespace smplceres {

struct Scene {
  // Runs the members' checks, which throw std::invalid_argument.
  void Check() const;

  // Indices of the views with at least one visible keypoint. The others contribute nothing; the body may even
  // be behind their camera.
  std::vector<size_t> ViewsWithKeypoints() const;

  // Whether only one image tells of the depth of a body of SMPL's joints: no mask, nothing measured in space.
  bool DepthIsAmbiguous() const;

  // What the network predicts; null unless depth is ambiguous, since what measures depth needs no prediction.
  const LiftedBody* Prediction() const;

  // Whether any camera's pose is unknown. Then the variables include camera motions.
  bool CamerasMove() const;

  // Initial betas: those of the person if given, the mean shape otherwise.
  Eigen::VectorXd StartBetas() const;

  std::shared_ptr<const BodyModel> model;
  Priors priors;
  std::vector<View> views;
  std::optional<Points3d> points3d;
  std::optional<KnownPerson> person;
  std::optional<Ground> ground;
  std::vector<Cloud> clouds;
  std::shared_ptr<const Lifting> lifting;  // of the first view with a visible keypoint; null: no prediction
};

}  // namespace smplceres
