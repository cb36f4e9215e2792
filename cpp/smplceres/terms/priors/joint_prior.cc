#include "smplceres/terms/priors/joint_prior.h"

#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "smplceres/terms/diagonal_cost.h"

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
  std::vector<int> columns;
  const auto size = static_cast<Eigen::Index>(3 * joints.size());
  Eigen::VectorXd inverse_sigma(size), mean(size);
  for (const JointDistribution& each : joints) {
    const auto row = static_cast<Eigen::Index>(columns.size());
    inverse_sigma.segment<3>(row) = each.sigma.cwiseInverse();
    mean.segment<3>(row) = each.mean;
    for (int i = 0; i < 3; ++i) columns.push_back(layout.joint(each.joint) + i);
  }
  const double scale = ResidualScale(kJointPriorTerm, weight);
  return std::make_unique<DiagonalCost>(layout.size(), std::move(columns), scale * inverse_sigma, mean);
}

}  // namespace smplceres
