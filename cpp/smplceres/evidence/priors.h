// Priors on poses: a distribution of body_pose and the joints' ranges of motion.
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/terms/priors/gaussian_prior.h"
#include "smplceres/terms/priors/joint_limits.h"
#include "smplceres/terms/priors/joint_prior.h"
#include "smplceres/terms/priors/mixture_prior.h"

namespace smplceres {

// The pointer is not null.
using PosePrior = std::variant<std::shared_ptr<GaussianPrior>, std::shared_ptr<MixturePrior>>;

struct Priors {
  // Throws std::invalid_argument for a missing pose prior and for priors of more joints than the body has.
  void Check(const BodyModel& model) const;

  PosePrior pose;
  std::shared_ptr<const JointLimits> joint_limits;  // null: no limits, for any weight of a stage
  std::vector<JointDistribution> joints = {};       // of joints that the pose prior does not cover
};

}  // namespace smplceres
