// A camera that is refined stays near where it was said to be.
//
//   E = weight ( |w|^2 / sigma_w^2 + |s|^2 / sigma_s^2 )
//
//   w         turn about its own centre (radians)
//   s         shift of its centre (metres)
//   sigma_w   standard deviation of the given rotation on each axis (radians)
//   sigma_s   of the given centre on each axis (metres)
//
// Residual: 6 rows. Keypoints do not change where all cameras and the body are turned, shifted or scaled
// together. One camera's pose is held (its turn and shift are no variables), which leaves the scale: the
// centres of the others hold it, as far from the held one as they were said to be, on the whole, together
// with what is known of the body's size.
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
    visit("weight", &CameraPriorOptions::weight);
  }
};

// Over a camera's motion.
std::unique_ptr<ceres::CostFunction> MakeCameraPriorCost(double weight,
                                                         double rotation_sigma,
                                                         double centre_sigma);

}  // namespace smplceres
