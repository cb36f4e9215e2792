#include "smplceres/terms/priors/camera_prior.h"

#include "ceres/normal_prior.h"
#include "smplceres/camera/camera_motion.h"
#include "smplceres/math/row_matrix.h"

namespace smplceres {

std::unique_ptr<ceres::CostFunction> MakeCameraPriorCost(double weight,
                                                         double rotation_sigma,
                                                         double centre_sigma) {
  const double scale = ResidualScale(kCameraPriorTerm, weight);
  RowMatrix A = RowMatrix::Zero(kMotionSize, kMotionSize);
  A.diagonal().head<3>().setConstant(scale / rotation_sigma);
  A.diagonal().tail<3>().setConstant(scale / centre_sigma);
  return std::make_unique<ceres::NormalPrior>(A, Eigen::VectorXd::Zero(kMotionSize));
}

}  // namespace smplceres
