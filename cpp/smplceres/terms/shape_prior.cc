#include "smplceres/terms/shape_prior.h"

#include "smplceres/terms/normal_cost.h"

namespace smplceres {

std::unique_ptr<ceres::CostFunction> MakeShapePriorCost(double weight,
                                                        const Eigen::VectorXd& mu,
                                                        double sigma) {
  const ceres::Matrix A =
      ResidualScale(kShapePriorTerm, weight) / sigma * ceres::Matrix::Identity(mu.size(), mu.size());
  return std::make_unique<LinearCost>(A, mu);
}

}  // namespace smplceres
