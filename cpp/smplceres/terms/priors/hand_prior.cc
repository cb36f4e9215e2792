#include "smplceres/terms/priors/hand_prior.h"

#include "smplceres/terms/diagonal_cost.h"

namespace smplceres {

std::unique_ptr<ceres::CostFunction> MakeHandPriorCost(double weight, const FrameLayout& layout) {
  return MakeStandardNormalCost(
      ResidualScale(kHandPriorTerm, weight), layout.size(), layout.components(), layout.num_components());
}

}  // namespace smplceres
