// Shape prior.
//
//   E = weight ( |beta - mu|^2 / sigma^2 + |psi|^2 )
//
//   beta        shape coefficients
//   psi         coefficients of the frame's further slices (body/layout.h), in standard deviations
//   mu, sigma   0 and 1: betas are in standard deviations over people. Of somebody whose betas are known, but
//               not well: those and their standard deviation
//
// Residual: B rows, and X of a body that has X such coefficients. Reference: Bogo et al. 2016, Eq. (6), with
// betas in standard deviations.
#pragma once

#include <memory>

#include "smplceres/terms/normal_cost.h"
#include "smplceres/terms/term.h"

namespace smplceres {

struct ShapePriorOptions {
  double weight = 0.0;
};

// Over the betas block.
inline std::unique_ptr<ceres::CostFunction> MakeShapePriorCost(double weight,
                                                               const ceres::Vector& mu,
                                                               double sigma) {
  const ceres::Matrix A =
      ResidualScale("shape_prior", weight) / sigma * ceres::Matrix::Identity(mu.size(), mu.size());
  return std::make_unique<LinearCost>(A, mu);
}

// Over the frame block.
inline std::unique_ptr<ceres::CostFunction> MakeCoefficientPriorCost(double weight,
                                                                     const FrameLayout& layout) {
  const int X = layout.num_coefficients();
  ceres::Matrix A = ceres::Matrix::Zero(X, layout.size());
  A.middleCols(layout.coefficients(), X).diagonal().setConstant(ResidualScale("shape_prior", weight));
  return std::make_unique<LinearCost>(A, ceres::Vector::Zero(layout.size()));
}

}  // namespace smplceres
