#include "smplceres/terms/rotation_walk.h"

#include <Eigen/Core>
#include <cmath>

#include "smplceres/math/row_matrix.h"

namespace smplceres {

RotationWalkCost::RotationWalkCost(const RotationWalkOptions& options, double dt, Slice body_pose, int size)
    : factor_(ResidualScale(kRotationWalkTerm, options.weight) / (options.sigma * std::sqrt(dt))),
      body_pose_(body_pose) {
  set_num_residuals(size);
  *mutable_parameter_block_sizes() = {body_pose.block_size, body_pose.block_size};
}

bool RotationWalkCost::Evaluate(double const* const* parameters,
                                double* residuals,
                                double** jacobians) const {
  for (int i = 0; i < num_residuals(); ++i)
    residuals[i] = factor_ * (parameters[1][body_pose_.begin + i] - parameters[0][body_pose_.begin + i]);
  if (jacobians == nullptr) return true;
  for (int frame = 0; frame < 2; ++frame) {
    if (jacobians[frame] == nullptr) continue;
    Eigen::Map<RowMatrix> jacobian(jacobians[frame], num_residuals(), body_pose_.block_size);
    jacobian.setZero();
    jacobian.middleCols(body_pose_.begin, num_residuals())
        .diagonal()
        .setConstant(frame == 0 ? -factor_ : factor_);
  }
  return true;
}

}  // namespace smplceres
