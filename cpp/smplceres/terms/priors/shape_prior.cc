#include "smplceres/terms/priors/shape_prior.h"

#include "smplceres/math/row_matrix.h"
#include "smplceres/terms/diagonal_cost.h"

namespace smplceres {

std::unique_ptr<ceres::CostFunction> MakeShapePriorCost(double weight,
                                                        const Eigen::VectorXd& mu,
                                                        double sigma) {
  const RowMatrix A =
      ResidualScale(kShapePriorTerm, weight) / sigma * RowMatrix::Identity(mu.size(), mu.size());
  return std::make_unique<LinearCost>(A, mu);
}

std::unique_ptr<ceres::CostFunction> MakeCoefficientPriorCost(double weight, const FrameLayout& layout) {
  return MakeStandardNormalCost(ResidualScale(kShapePriorTerm, weight),
                                layout.size(),
                                layout.coefficients(),
                                layout.num_coefficients());
}

}  // namespace smplceres
