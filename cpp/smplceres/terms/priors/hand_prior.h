// Prior on components of poses, such as those of hands.
//
//   E = weight |c|^2
//
//   c   components that drive the axis-angles of joints (body/layout.h), in standard deviations
//
// Residual: one row per component. Reference: the hand prior of Pavlakos et al. (SMPLify-X), 2019, Eq. (2).
#pragma once

#include <memory>

#include "ceres/cost_function.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kHandPriorTerm{"hand_prior", TermSource::kPose, 1.0};

struct HandPriorOptions {
  double weight = 0.0;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &HandPriorOptions::weight, kWeightDoc);
  }
};

// A cost of the frame block, whose layout has components.
std::unique_ptr<ceres::CostFunction> MakeHandPriorCost(double weight, const FrameLayout& layout);

}  // namespace smplceres
