#include "smplceres/terms/focal_prior.h"

#include "ceres/normal_prior.h"

namespace smplceres {

std::unique_ptr<ceres::CostFunction> MakeFocalPriorCost(double weight, double sigma) {
  const ceres::Matrix A = ResidualScale(kFocalPriorTerm, weight) / sigma * ceres::Matrix::Identity(1, 1);
  return std::make_unique<ceres::NormalPrior>(A, ceres::Vector::Zero(1));
}

}  // namespace smplceres
