// Elbows and knees must not bend backwards.
//
//   E = weight sum_i exp(s_i a_i)^2
//
//   a_i, s_i   left elbow y +, right elbow y -, left knee x -, right knee x - : the components of the joints'
//              axis-angles (radians) that are negative (s = +1) or positive (s = -1) in natural bending
//
// Residual: 4 rows. In SMPL's numbering these are pose numbers 55, 58, 12 and 15 of 72, the same in all
// bodies of the family, whose first 22 joints agree. Reference: Bogo et al. 2016, Eq. (3). The weight is 3.17
// times the pose prior's there, for residuals; SMPLify-X squares every other weight but this one, which makes
// it 15 times weaker at its last stage.
#pragma once

#include <cmath>

#include "ceres/autodiff_cost_function.h"
#include "ceres/types.h"
#include "smplceres/terms/term.h"

namespace smplceres {

struct AnglePriorOptions {
  double weight = 0.0;
};

// Over the block that holds body_pose: Jets see the four angles alone, its other columns are zero.
class AnglePriorCost final : public ceres::CostFunction {
 public:
  static constexpr int kAngles = 4;
  static constexpr int kJoints[kAngles] = {18, 19, 4, 5};
  static constexpr int kAxes[kAngles] = {1, 1, 0, 0};
  static constexpr double kSigns[kAngles] = {1.0, -1.0, -1.0, -1.0};
  static constexpr int kNumJointsNeeded = 20;

  AnglePriorCost(double weight, Slice body_pose)
      : body_pose_(body_pose), residuals_of_angles_(new Functor{ResidualScale("angle_prior", weight)}) {
    set_num_residuals(kAngles);
    mutable_parameter_block_sizes()->push_back(body_pose.block_size);
  }

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    double angles[kAngles], by_angle[kAngles * kAngles];
    for (int i = 0; i < kAngles; ++i) angles[i] = parameters[0][column(i)];
    const bool wanted = jacobians != nullptr && jacobians[0] != nullptr;
    const double* blocks[] = {angles};
    double* block_jacobians[] = {by_angle};
    if (!residuals_of_angles_.Evaluate(blocks, residuals, wanted ? block_jacobians : nullptr)) return false;
    if (!wanted) return true;
    Eigen::Map<ceres::Matrix> jacobian(jacobians[0], kAngles, body_pose_.block_size);
    jacobian.setZero();
    for (int row = 0; row < kAngles; ++row)
      for (int i = 0; i < kAngles; ++i) jacobian(row, column(i)) = by_angle[kAngles * row + i];
    return true;
  }

 private:
  struct Functor {
    template <typename T>
    bool operator()(const T* angles, T* residuals) const {
      using std::exp;
      for (int i = 0; i < kAngles; ++i) residuals[i] = scale * exp(kSigns[i] * angles[i]);
      return true;
    }
    double scale;
  };

  int column(int i) const { return body_pose_.begin + 3 * (kJoints[i] - 1) + kAxes[i]; }

  Slice body_pose_;
  ceres::AutoDiffCostFunction<Functor, kAngles, kAngles> residuals_of_angles_;
};

}  // namespace smplceres
