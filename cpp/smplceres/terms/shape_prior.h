// Shape prior.
//
//   E = weight |beta|^2
//
//   beta   shape coefficients, each of standard deviation 1 over people
//
// Residual: B rows. Reference: Bogo et al. 2016, Eq. (6), with betas in standard deviations.
#pragma once

#include <memory>

#include "ceres/normal_prior.h"
#include "smplceres/terms/term.h"

namespace smplceres {

struct ShapePriorOptions {
  double weight = 0.0;
};

// Over the betas block.
inline std::unique_ptr<ceres::CostFunction> MakeShapePriorCost(double weight, int num_betas) {
  const ceres::Matrix A =
      ResidualScale("shape_prior", weight) * ceres::Matrix::Identity(num_betas, num_betas);
  return std::make_unique<ceres::NormalPrior>(A, ceres::Vector::Zero(num_betas));
}

}  // namespace smplceres
