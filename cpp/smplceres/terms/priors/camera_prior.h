// A refined camera stays near its given pose.
//
//   E = weight ( |w|^2 / sigma_w^2 + |s|^2 / sigma_s^2 )
//
//   w         rotation about the camera's centre (radians)
//   s         translation of its centre (metres)
//   sigma_w   standard deviation of the given rotation on each axis (radians)
//   sigma_s   standard deviation of the given centre on each axis (metres)
//
// Residual: 6 rows. Keypoints are invariant to a similarity transform of all cameras and the body. One
// camera's pose is constant, which fixes rotation and translation; the scale is constrained by the given
// centres of the other cameras and by the priors on the body's size.
#pragma once

#include <memory>

#include "ceres/cost_function.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kCameraPriorTerm{"camera_prior", TermSource::kCamera, 1.0};

struct CameraPriorOptions {
  double weight = 0.0;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &CameraPriorOptions::weight, kWeightDoc);
  }
};

// A cost of a camera's motion block.
std::unique_ptr<ceres::CostFunction> MakeCameraPriorCost(double weight,
                                                         double rotation_sigma,
                                                         double centre_sigma);

}  // namespace smplceres
