#include "smplceres/terms/priors/joint_prior.h"

#include <set>
#include <stdexcept>
#include <string>

#include "smplceres/math/row_matrix.h"
#include "smplceres/terms/normal_cost.h"

namespace smplceres {

void Check(const std::vector<JointDistribution>& joints, const FrameLayout& layout) {
  std::set<int> seen;
  for (const JointDistribution& each : joints) {
    if (each.joint < 1 || each.joint >= layout.num_free_joints() || !seen.insert(each.joint).second)
      throw std::invalid_argument("joint_prior: expected different joints from 1 to " +
                                  std::to_string(layout.num_free_joints() - 1) + ", got " +
                                  std::to_string(each.joint));
    if (!each.mean.allFinite() || !each.sigma.allFinite() || !(each.sigma.minCoeff() > 0.0))
      throw std::invalid_argument("joint_prior: expected finite means and positive sigmas of joint " +
                                  std::to_string(each.joint));
  }
}

std::unique_ptr<ceres::CostFunction> MakeJointPriorCost(double weight,
                                                        const std::vector<JointDistribution>& joints,
                                                        const FrameLayout& layout) {
  RowMatrix A = RowMatrix::Zero(static_cast<Eigen::Index>(3 * joints.size()), layout.size());
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(layout.size());
  const double scale = ResidualScale(kJointPriorTerm, weight);
  Eigen::Index row = 0;
  for (const JointDistribution& each : joints) {
    A.block<3, 3>(row, layout.joint(each.joint)).diagonal() = scale * each.sigma.cwiseInverse();
    mean.segment<3>(layout.joint(each.joint)) = each.mean;
    row += 3;
  }
  return std::make_unique<LinearCost>(A, mean);
}

}  // namespace smplceres
