#include "smplceres/terms/priors/shape_prior.h"

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

std::unique_ptr<ceres::CostFunction> MakeCoefficientPriorCost(double weight, const FrameLayout& layout) {
  const int X = layout.num_coefficients();
  RowMatrix A = RowMatrix::Zero(X, layout.size());
  A.middleCols(layout.coefficients(), X).diagonal().setConstant(ResidualScale(kShapePriorTerm, weight));
  return std::make_unique<LinearCost>(A, Eigen::VectorXd::Zero(layout.size()));
}

}  // namespace smplceres
