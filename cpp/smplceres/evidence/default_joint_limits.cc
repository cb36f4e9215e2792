#include "smplceres/evidence/default_joint_limits.h"

#include <string>
#include <vector>

#include "smplceres/evidence/default_joint_prior.h"
#include "smplceres/io/joint_ranges.h"
#include "smplceres/io/skeleton.h"

namespace smplceres {

std::shared_ptr<const JointLimits> DefaultJointLimits(const NamedBody& body) {
  const std::vector<std::string>& names = body.joint_names;
  if (names != JointNames(static_cast<int>(names.size())) || body.Joint("pelvis") < 0) return nullptr;
  auto limits = std::make_shared<JointLimits>();
  for (int joint = 1; joint < NumPriorJoints(*body.model); ++joint) {
    const MotionRange range = PublishedRange(names[static_cast<size_t>(joint)]);
    limits->joints.push_back({range.axes, range.lower, range.upper});
  }
  limits->Check();
  return limits;
}

}  // namespace smplceres
