#include "smplceres/terms/priors/focal_prior.h"

#include "ceres/normal_prior.h"
#include "smplceres/math/row_matrix.h"

namespace smplceres {

std::unique_ptr<ceres::CostFunction> MakeFocalPriorCost(double weight, double sigma) {
  const RowMatrix A = ResidualScale(kFocalPriorTerm, weight) / sigma * RowMatrix::Identity(1, 1);
  return std::make_unique<ceres::NormalPrior>(A, Eigen::VectorXd::Zero(1));
}

}  // namespace smplceres
