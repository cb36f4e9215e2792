#include "smplceres/evidence/priors.h"

#include <stdexcept>
#include <string>

namespace smplceres {
namespace {

Eigen::Index SizeOf(const PosePrior& prior) {
  return std::visit(
      [](const auto& prior_of_type) {
        if (prior_of_type == nullptr) throw std::invalid_argument("pose_prior: expected a prior, got None");
        return prior_of_type->mean_size();
      },
      prior);
}

}  // namespace

void Priors::Check(const BodyModel& model) const {
  const int num_angles = model.num_angles();
  if (SizeOf(pose) > num_angles)
    throw std::invalid_argument("pose_prior: expected at most " + std::to_string(num_angles) +
                                " pose numbers, got " + std::to_string(SizeOf(pose)));
  smplceres::Check(joints, model.layout());
  if (joint_limits == nullptr) return;
  const size_t joints = joint_limits->joints.size();
  if (3 * joints > static_cast<size_t>(num_angles))
    throw std::invalid_argument("joint_limits: expected at most " + std::to_string(num_angles / 3) +
                                " joints, got " + std::to_string(joints));
}

}  // namespace smplceres
