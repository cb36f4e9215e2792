// An unknown focal length stays near its guess.
//
//   E = weight (z / sigma)^2
//
//   z       log zoom: the focal lengths are exp(z) times the given ones
//   sigma   the camera's log_focal_sigma; the default, 0.5, means that two thirds of all images have a focal
//           length within a factor of 1.65 of the guess
//
// Residual: 1 row. Focal lengths from 0.6 to 2.5 times the larger side (85 to 23 degrees of view) are
// within 1.7 default sigmas of the diagonal of a 4:3 image, a common guess. z is bounded by +-log(kMaxZoom).
#pragma once

#include <memory>

#include "ceres/cost_function.h"
#include "smplceres/terms/term.h"

namespace smplceres {

constexpr double kMaxZoom = 5.0;

inline constexpr TermInfo kFocalPriorTerm{"focal_prior", TermSource::kCamera, 1.0};

struct FocalPriorOptions {
  double weight = 0.0;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &FocalPriorOptions::weight, kWeightDoc);
  }
};

// A cost of the camera's block.
std::unique_ptr<ceres::CostFunction> MakeFocalPriorCost(double weight, double sigma);

}  // namespace smplceres
