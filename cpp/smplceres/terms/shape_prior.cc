#include "smplceres/terms/shape_prior.h"

#include "smplceres/math/row_matrix.h"
#include "smplceres/terms/normal_cost.h"

namespace smplceres {

std::unique_ptr<ceres::CostFunction> MakeShapePriorCost(double weight,
                                                        const Eigen::VectorXd& mu,
                                                        double sigma) {
  const RowMatrix A =
      ResidualScale(kShapePriorTerm, weight) / sigma * RowMatrix::Identity(mu.size(), mu.size());
  return std::make_unique<LinearCost>(A, mu);
}

}  // namespace smplceres
