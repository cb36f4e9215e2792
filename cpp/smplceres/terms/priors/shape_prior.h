// Shape prior.
//
//   E = weight ( |beta - mu|^2 / sigma^2 + |psi|^2 )
//
//   beta        shape coefficients
//   psi         coefficients of the frame's further slices (body/layout.h), in standard deviations
//   mu, sigma   0 and 1, since betas are in standard deviations over people; for a person of approximately
//               known shape, those betas and their standard deviation
//
// Residual: B rows, and X rows per frame for X coefficients psi. Reference: Bogo et al. 2016, Eq. (6), with
// betas in standard deviations.
#pragma once

#include <Eigen/Core>
#include <memory>

#include "ceres/cost_function.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kShapePriorTerm{"shape_prior", TermSource::kShape, 1.0};

struct ShapePriorOptions {
  double weight = 0.0;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &ShapePriorOptions::weight, kWeightDoc);
  }
};

// Over the betas block.
std::unique_ptr<ceres::CostFunction> MakeShapePriorCost(double weight,
                                                        const Eigen::VectorXd& mu,
                                                        double sigma);

// A cost of the frame block.
std::unique_ptr<ceres::CostFunction> MakeCoefficientPriorCost(double weight, const FrameLayout& layout);

}  // namespace smplceres
