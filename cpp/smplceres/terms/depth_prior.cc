#include "smplceres/terms/depth_prior.h"

#include "ceres/normal_prior.h"

namespace smplceres {

std::unique_ptr<ceres::CostFunction> MakeDepthPriorCost(double weight,
                                                        const CamFromWorld& cam_from_world,
                                                        const Eigen::Vector3d& initial_transl,
                                                        Slice transl) {
  ceres::Matrix A = ceres::Matrix::Zero(1, transl.block_size);
  A.middleCols<3>(transl.begin) = ResidualScale(kDepthPriorTerm, weight) * cam_from_world.rotation.row(2);
  ceres::Vector b = ceres::Vector::Zero(transl.block_size);
  b.segment<3>(transl.begin) = initial_transl;
  return std::make_unique<ceres::NormalPrior>(A, b);
}

}  // namespace smplceres
