// Joints turn smoothly: their rotations wander.
//
//   E = weight sum_f |theta(f+1) - theta(f)|^2 / (sigma^2 dt)
//
//   theta(f)  body_pose at frame f (axis-angles, radians); the root's turn shows in the joints' places
//   dt        time from frame f to f + 1 (seconds)
//   sigma     radians / s^0.5: over a second a number changes by sigma (standard deviation)
//
// Residual: 3 (J - 1) rows per two frames in a row. It holds what no joint's place shows, such as the twist
// of a forearm; terms/acceleration.h holds the rest, without drag on steady motion.
#pragma once

#include <Eigen/Core>
#include <cmath>

#include "ceres/cost_function.h"
#include "ceres/types.h"
#include "smplceres/terms/term.h"

namespace smplceres {

struct RotationWalkOptions {
  double weight = 0.0;
  double sigma = 1.0;  // radians / s^0.5
};

// Throws std::invalid_argument for numbers out of range, NaN among them.
inline void Check(const RotationWalkOptions& options) {
  CheckRange("rotation_walk.sigma", options.sigma, 1e-6, 1e6);
}

// Over the blocks that hold body_pose, of two frames.
class RotationWalkCost final : public ceres::CostFunction {
 public:
  RotationWalkCost(const RotationWalkOptions& options, double dt, Slice body_pose, int size)
      : factor_(ResidualScale("rotation_walk", options.weight) / (options.sigma * std::sqrt(dt))),
        body_pose_(body_pose) {
    set_num_residuals(size);
    *mutable_parameter_block_sizes() = {body_pose.block_size, body_pose.block_size};
  }

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    for (int i = 0; i < num_residuals(); ++i)
      residuals[i] = factor_ * (parameters[1][body_pose_.begin + i] - parameters[0][body_pose_.begin + i]);
    if (jacobians == nullptr) return true;
    for (int frame = 0; frame < 2; ++frame) {
      if (jacobians[frame] == nullptr) continue;
      Eigen::Map<ceres::Matrix> jacobian(jacobians[frame], num_residuals(), body_pose_.block_size);
      jacobian.setZero();
      jacobian.middleCols(body_pose_.begin, num_residuals())
          .diagonal()
          .setConstant(frame == 0 ? -factor_ : factor_);
    }
    return true;
  }

 private:
  double factor_;
  Slice body_pose_;
};

}  // namespace smplceres
