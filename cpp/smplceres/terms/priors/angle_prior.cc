#include "smplceres/terms/priors/angle_prior.h"

#include <cmath>

#include "ceres/autodiff_cost_function.h"
#include "smplceres/math/row_matrix.h"

namespace smplceres {

namespace {

struct ExpOfAngles {
  template <typename T>
  bool operator()(const T* angles, T* residuals) const {
    using std::exp;
    for (int i = 0; i < AnglePriorCost::kAngles; ++i)
      residuals[i] = scale * exp(AnglePriorCost::kSigns[i] * angles[i]);
    return true;
  }
  double scale;
};

}  // namespace

AnglePriorCost::AnglePriorCost(double weight, Slice body_pose)
    : body_pose_(body_pose),
      residuals_of_angles_(std::make_unique<ceres::AutoDiffCostFunction<ExpOfAngles, kAngles, kAngles>>(
          new ExpOfAngles{ResidualScale(kAnglePriorTerm, weight)})) {
  set_num_residuals(kAngles);
  mutable_parameter_block_sizes()->push_back(body_pose.block_size);
}

bool AnglePriorCost::Evaluate(double const* const* parameters, double* residuals, double** jacobians) const {
  double angles[kAngles], by_angle[kAngles * kAngles];
  for (int i = 0; i < kAngles; ++i) angles[i] = parameters[0][column(i)];
  const bool wanted = jacobians != nullptr && jacobians[0] != nullptr;
  const double* blocks[] = {angles};
  double* block_jacobians[] = {by_angle};
  if (!residuals_of_angles_->Evaluate(blocks, residuals, wanted ? block_jacobians : nullptr)) return false;
  if (!wanted) return true;
  Eigen::Map<RowMatrix> jacobian(jacobians[0], kAngles, body_pose_.block_size);
  jacobian.setZero();
  for (int row = 0; row < kAngles; ++row)
    for (int i = 0; i < kAngles; ++i) jacobian(row, column(i)) = by_angle[kAngles * row + i];
  return true;
}

}  // namespace smplceres
