#include "smplceres/terms/priors/hand_prior.h"

#include "smplceres/math/row_matrix.h"
#include "smplceres/terms/normal_cost.h"

namespace smplceres {

std::unique_ptr<ceres::CostFunction> MakeHandPriorCost(double weight, const FrameLayout& layout) {
  const int C = layout.num_components();
  RowMatrix A = RowMatrix::Zero(C, layout.size());
  A.middleCols(layout.components(), C).diagonal().setConstant(ResidualScale(kHandPriorTerm, weight));
  return std::make_unique<LinearCost>(A, Eigen::VectorXd::Zero(layout.size()));
}

}  // namespace smplceres
