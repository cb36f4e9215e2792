// What is known from before: a Gaussian left by what was eliminated.
//
//   E = (x - m)^T Lambda (x - m),     x = [ frame | betas ]
//
//   m        mean: frame block and betas, the root in the chart of the present anchor
//   Lambda   information, in the units of energies: J^T J of all that was eliminated, after the Schur
//   complement
//
// Residual: as many rows as x has numbers, L^T (x - m) with Lambda = L L^T. Of sliding windows in
// visual-inertial odometry: Leutenegger et al., "Keyframe-based visual-inertial odometry using nonlinear
// optimization", 2015, section 3.4.
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "ceres/cost_function.h"
#include "ceres/types.h"

namespace smplceres {

class MarginalPriorCost final : public ceres::CostFunction {
 public:
  // information: symmetric; what rounding took below zero is lifted.
  MarginalPriorCost(Eigen::MatrixXd information, Eigen::VectorXd mean, int frame_size)
      : mean_(std::move(mean)), frame_size_(frame_size) {
    information.diagonal().array() += 1e-9 * information.diagonal().maxCoeff() + 1e-12;
    root_ = Eigen::LLT<Eigen::MatrixXd>(information).matrixU();
    const int size = static_cast<int>(mean_.size());
    set_num_residuals(size);
    *mutable_parameter_block_sizes() = {frame_size, size - frame_size};
  }

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    const int size = num_residuals();
    Eigen::VectorXd off(size);
    off << Eigen::Map<const Eigen::VectorXd>(parameters[0], frame_size_),
        Eigen::Map<const Eigen::VectorXd>(parameters[1], size - frame_size_);
    off -= mean_;
    Eigen::Map<Eigen::VectorXd>(residuals, size).noalias() = root_.triangularView<Eigen::Upper>() * off;
    if (jacobians == nullptr) return true;
    if (jacobians[0] != nullptr)
      Eigen::Map<ceres::Matrix>(jacobians[0], size, frame_size_) = root_.leftCols(frame_size_);
    if (jacobians[1] != nullptr)
      Eigen::Map<ceres::Matrix>(jacobians[1], size, size - frame_size_) = root_.rightCols(size - frame_size_);
    return true;
  }

 private:
  Eigen::MatrixXd root_;  // L^T
  Eigen::VectorXd mean_;
  int frame_size_;
};

}  // namespace smplceres
