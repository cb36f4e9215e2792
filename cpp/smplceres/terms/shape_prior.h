// Shape prior.
//
//   E = weight |beta - mu|^2 / sigma^2
//
//   beta        shape coefficients
//   mu, sigma   0 and 1: betas are in standard deviations over people. Of somebody whose betas are known, but
//               not well: those and their standard deviation
//
// Residual: B rows. Reference: Bogo et al. 2016, Eq. (6), with betas in standard deviations.
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

}  // namespace smplceres
