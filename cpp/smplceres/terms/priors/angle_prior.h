// Elbows and knees must not bend backwards.
//
//   E = weight sum_i exp(s_i a_i)^2
//
//   a_i, s_i   left elbow y +, right elbow y -, left knee x -, right knee x - : the components of the joints'
//              axis-angles (radians) that are negative (s = +1) or positive (s = -1) in natural bending
//
// Residual: 4 rows. The components are pose numbers 55, 58, 12 and 15 of SMPL's 72, and the same in SMPL-H
// and SMPL-X, which share SMPL's first 22 joints. Reference: Bogo et al. 2016, Eq. (3), whose residual weight
// is 3.17 times the pose prior's. SMPLify-X squares every weight except this one, which makes it 15 times
// weaker at its last stage.
// Left out for bodies of fewer than 20 joints.
#pragma once

#include <memory>

#include "ceres/cost_function.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kAnglePriorTerm{"angle_prior", TermSource::kPose, 0.0};

struct AnglePriorOptions {
  double weight = 0.0;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &AnglePriorOptions::weight, kWeightDoc);
  }
};

// A cost of the block that holds body_pose. Jets cover only the four angles; the other columns are zero.
class AnglePriorCost final : public ceres::CostFunction {
 public:
  static constexpr int kAngles = 4;
  static constexpr int kJoints[kAngles] = {18, 19, 4, 5};
  static constexpr int kAxes[kAngles] = {1, 1, 0, 0};
  static constexpr double kSigns[kAngles] = {1.0, -1.0, -1.0, -1.0};
  static constexpr int kNumJointsNeeded = 20;

  AnglePriorCost(double weight, Slice body_pose);

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override;

 private:
  int column(int i) const { return body_pose_.begin + 3 * (kJoints[i] - 1) + kAxes[i]; }

  Slice body_pose_;
  std::unique_ptr<const ceres::CostFunction> residuals_of_angles_;
};

}  // namespace smplceres
