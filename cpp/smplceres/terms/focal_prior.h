// An unknown focal length stays near its guess.
//
//   E = weight (z / sigma)^2
//
//   z       log zoom: the focal lengths are the camera's own times exp(z)
//   sigma   of the camera. 0.5 where nothing is known: two thirds of all pictures are taken within a factor
//   of
//           1.65 of the guess; a calibration that is refined is nearer
//
// Residual: 1 row. Focal lengths from 0.6 to 2.5 times the larger side (85 to 23 degrees of view) lie within
// 1.7 times 0.5 of a guess of the diagonal of a 4:3 picture. Bounds: a factor of kMaxZoom either way.
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
    visit("weight", &FocalPriorOptions::weight);
  }
};

// Over the camera's block.
std::unique_ptr<ceres::CostFunction> MakeFocalPriorCost(double weight, double sigma);

}  // namespace smplceres
