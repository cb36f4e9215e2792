// Prior on joints that the pose prior does not cover, such as jaw and eyes.
//
//   E = weight sum_i ((theta_i - mu_i) / sigma_i)^2
//
//   theta_i      axis-angles of these joints (radians)
//   mu, sigma    their means and standard deviations
//
// Residual: 3 rows per joint. Reference: the jaw prior of Pavlakos et al. (SMPLify-X), 2019, and its code,
// which has mu = 0 and, at weight 1, sigma = (1, 0.1, 0.1).
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "ceres/cost_function.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kJointPriorTerm{"joint_prior", TermSource::kPose, 1.0};

struct JointPriorOptions {
  double weight = 0.0;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &JointPriorOptions::weight, kWeightDoc);
  }
};

// The distribution of the axis-angle of one joint, radians.
struct JointDistribution {
  int joint;
  Eigen::Vector3d mean, sigma;
};

// Throws std::invalid_argument for joints that have no axis-angle of their own, a joint that comes twice,
// and numbers out of range.
void Check(const std::vector<JointDistribution>& joints, const FrameLayout& layout);

// A cost of the frame block.
std::unique_ptr<ceres::CostFunction> MakeJointPriorCost(double weight,
                                                        const std::vector<JointDistribution>& joints,
                                                        const FrameLayout& layout);

}  // namespace smplceres
