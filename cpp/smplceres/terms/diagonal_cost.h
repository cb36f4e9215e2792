// A Gaussian of independent elements of a parameter block: r_i = s_i (x_k - b_i), k = column i.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "smplceres/terms/normal_cost.h"

namespace smplceres {

class DiagonalCost final : public NormalCost {
 public:
  // columns: of the block, which has block_size; scale and mean: s and b of each.
  DiagonalCost(int block_size, std::vector<int> columns, Eigen::VectorXd scale, Eigen::VectorXd mean);

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override;
  bool AddNormal(const double* x,
                 double* cost,
                 Eigen::Ref<Eigen::VectorXd> gradient,
                 Eigen::Ref<Eigen::MatrixXd> hessian) const override;

 private:
  std::vector<int> columns_;
  Eigen::VectorXd scale_, mean_;
};

// The cost scale^2 |x|^2 / 2 of `size` successive columns, such as coefficients in standard deviations.
std::unique_ptr<DiagonalCost> MakeStandardNormalCost(double scale, int block_size, int begin, int size);

}  // namespace smplceres
