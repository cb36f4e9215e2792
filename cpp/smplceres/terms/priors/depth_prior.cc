#include "smplceres/terms/priors/depth_prior.h"

#include "ceres/normal_prior.h"
#include "smplceres/math/row_matrix.h"

namespace smplceres {

std::unique_ptr<ceres::CostFunction> MakeDepthPriorCost(double weight,
                                                        const CamFromWorld& cam_from_world,
                                                        const Eigen::Vector3d& initial_transl,
                                                        Slice transl) {
  RowMatrix A = RowMatrix::Zero(1, transl.block_size);
  A.middleCols<3>(transl.begin) = ResidualScale(kDepthPriorTerm, weight) * cam_from_world.rotation.row(2);
  Eigen::VectorXd b = Eigen::VectorXd::Zero(transl.block_size);
  b.segment<3>(transl.begin) = initial_transl;
  return std::make_unique<ceres::NormalPrior>(A, b);
}

}  // namespace smplceres
