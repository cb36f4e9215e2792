// All that a fit knows besides its state: what was observed of one person at one time, what is known of the
// person and of the ground, and the priors. A Scene is constant during a fit.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <optional>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/evidence/cloud.h"
#include "smplceres/evidence/ground.h"
#include "smplceres/evidence/person.h"
#include "smplceres/evidence/points3d.h"
#include "smplceres/evidence/priors.h"
#include "smplceres/evidence/view.h"

namespace smplceres {

struct Scene {
  // Throws std::invalid_argument naming what is wrong, as the members' checks do.
  void Check() const;

  // Numbers of the views that see the person: those with at least one visible keypoint. The others
  // contribute nothing; the body may even be behind their camera.
  std::vector<size_t> SeeingViews() const;

  // Whether any camera's pose is unknown: variables then have camera motions.
  bool CamerasMove() const;

  // Betas that a fit starts from: those known or expected of the person, the mean shape otherwise.
  Eigen::VectorXd StartBetas() const;

  std::shared_ptr<const BodyModel> model;
  Priors priors;
  std::vector<View> views;
  std::optional<Points3d> points3d;
  std::optional<KnownPerson> person;
  std::optional<Ground> ground;
  std::vector<Cloud> clouds;
};

}  // namespace smplceres
