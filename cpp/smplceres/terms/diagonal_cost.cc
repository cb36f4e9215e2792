#include "smplceres/terms/diagonal_cost.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace smplceres {

DiagonalCost::DiagonalCost(int block_size,
                           std::vector<int> columns,
                           Eigen::VectorXd scale,
                           Eigen::VectorXd mean)
    : columns_(std::move(columns)), scale_(std::move(scale)), mean_(std::move(mean)) {
  set_num_residuals(static_cast<int>(columns_.size()));
  mutable_parameter_block_sizes()->push_back(block_size);
}

bool DiagonalCost::Evaluate(double const* const* parameters, double* residuals, double** jacobians) const {
  const int block_size = parameter_block_sizes()[0];
  double* jacobian = jacobians == nullptr ? nullptr : jacobians[0];
  if (jacobian != nullptr) std::fill_n(jacobian, num_residuals() * block_size, 0.0);
  for (int i = 0; i < num_residuals(); ++i) {
    const int column = columns_[static_cast<size_t>(i)];
    residuals[i] = scale_[i] * (parameters[0][column] - mean_[i]);
    if (jacobian != nullptr) jacobian[i * block_size + column] = scale_[i];
  }
  return true;
}

bool DiagonalCost::AddNormal(const double* x,
                             double* cost,
                             Eigen::Ref<Eigen::VectorXd> gradient,
                             Eigen::Ref<Eigen::MatrixXd> hessian) const {
  for (int i = 0; i < num_residuals(); ++i) {
    const int column = columns_[static_cast<size_t>(i)];
    const double residual = scale_[i] * (x[column] - mean_[i]);
    *cost += 0.5 * residual * residual;
    gradient[column] += scale_[i] * residual;
    hessian(column, column) += scale_[i] * scale_[i];
  }
  return true;
}

std::unique_ptr<DiagonalCost> MakeStandardNormalCost(double scale, int block_size, int begin, int size) {
  std::vector<int> columns(static_cast<size_t>(size));
  std::iota(columns.begin(), columns.end(), begin);
  return std::make_unique<DiagonalCost>(
      block_size, std::move(columns), Eigen::VectorXd::Constant(size, scale), Eigen::VectorXd::Zero(size));
}

}  // namespace smplceres
