// Published ranges of motion as the joint limits of a body.
#pragma once

#include <memory>

#include "smplceres/io/named_body.h"
#include "smplceres/terms/priors/joint_limits.h"

namespace smplceres {

// Of the joints that pose priors cover (default_joint_prior.h) but the root. Null if the joints are not those
// of SMPL, SMPL-H or SMPL-X.
std::shared_ptr<const JointLimits> DefaultJointLimits(const NamedBody& body);

}  // namespace smplceres
