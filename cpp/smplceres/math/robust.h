// Robust functions as residual maps. A Ceres loss sees a whole residual block; here one block holds
// all keypoints, so each keypoint's residual is shrunk by a factor inside the functor instead:
//
//   r' = e sqrt(rho(|e|^2) / |e|^2),   so that   |r'|^2 = rho(|e|^2)   exactly.
//
// Geman-McClure  rho(s) = sigma^2 s / (sigma^2 + s)                 (saturates at sigma^2)
// Huber          rho(s) = s  for s <= sigma^2,  2 sigma sqrt(s) - sigma^2  beyond
// none           rho(s) = s
#pragma once

#include <cmath>

namespace smplceres {

enum class Robust { kNone, kHuber, kGemanMcClure };

// Documentation of an option of this type.
constexpr const char* kRobustDoc = "rho: \"none\", \"huber\" or \"geman_mcclure\".";

// sqrt(rho(s) / s) at s = |e|^2. T is double or a Jet; `sigma` has the unit of e.
template <typename T>
T RobustFactor(Robust robust, double sigma, const T& s) {
  using std::sqrt;
  const double sigma2 = sigma * sigma;
  switch (robust) {
    case Robust::kGemanMcClure:
      return sigma / sqrt(s + sigma2);
    case Robust::kHuber:
      if (s > sigma2) return sqrt((2.0 * sigma * sqrt(s) - sigma2) / s);
      return T(1.0);
    case Robust::kNone:
      break;
  }
  return T(1.0);
}

}  // namespace smplceres
