#include "smplceres/evidence/default_joint_prior.h"

#include "smplceres/io/skeleton.h"

namespace smplceres {

int NumPriorJoints(const BodyModel& model) {
  return model.layout().num_free_joints() == model.num_joints() ? model.num_joints() : kSharedJoints;
}

int NumPriorAngles(const BodyModel& model) { return 3 * (NumPriorJoints(model) - 1); }

std::vector<JointDistribution> DefaultJointPrior(const NamedBody& body) {
  std::vector<JointDistribution> prior;
  for (int joint = NumPriorJoints(*body.model); joint < body.model->layout().num_free_joints(); ++joint)
    for (const NamedDistribution& each : kFaceJoints)
      if (body.joint_names[static_cast<size_t>(joint)] == each.joint)
        prior.push_back({joint, Eigen::Vector3d(each.mean.data()), Eigen::Vector3d(each.sigma.data())});
  return prior;
}

}  // namespace smplceres
