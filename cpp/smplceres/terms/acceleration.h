// Joints move smoothly: their acceleration is white noise.
//
//   E = weight sum_f sum_j |e_fj|^2
//   e_fj = ( (p_j(f+1) - p_j(f)) / dt' - (p_j(f) - p_j(f-1)) / dt ) / ( sigma sqrt((dt + dt') / 2) )
//
//   p_j(f)   joint j at frame f (metres, world)
//   dt, dt'  time from frame f - 1 to f and from f to f + 1 (seconds)
//   sigma    metres / s^1.5: over t seconds a joint's velocity changes by sigma sqrt(t) metres a second
//            (standard deviation on each axis)
//
// Residual: 3 rows per joint and three successive frames. The scale sqrt((dt + dt') / 2) makes the prior
// independent of the frame rate: 30 and 60 frames a second give the same motion.
// Reference: Barfoot, "State Estimation for Robotics", 2017, section 3.4: the white-noise-on-acceleration
// prior, here in finite differences.
// Without effect on a single frame.
#pragma once

#include <cmath>

#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kAccelerationTerm{"acceleration", TermSource::kMotion, 1.0};

struct AccelerationOptions {
  double weight = 0.0;
  double sigma = 3.2;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &AccelerationOptions::weight, kWeightDoc);
    visit("sigma",
          &AccelerationOptions::sigma,
          "Change of a joint's velocity in a second, metres / s^1.5, > 0.");
  }
};

// Throws std::invalid_argument for numbers out of range, NaN among them.
inline void Check(const AccelerationOptions& options) {
  CheckRange("acceleration.sigma", options.sigma, 1e-6, 1e6);
}

class Acceleration {
 public:
  static constexpr int kNumPoints = 3;  // of one joint, at three frames
  static constexpr int kNumResiduals = 3;

  // scale = sqrt(weight); before, after: dt and dt'.
  Acceleration(double before, double after, double scale, const AccelerationOptions& options)
      : before_(1.0 / before),
        after_(1.0 / after),
        factor_(scale / (options.sigma * std::sqrt(0.5 * (before + after)))) {}

  template <typename T>
  bool operator()(const T* points, const T*, T* residuals) const {
    for (int i = 0; i < 3; ++i)
      residuals[i] =
          factor_ * (after_ * (points[6 + i] - points[3 + i]) - before_ * (points[3 + i] - points[i]));
    return true;
  }

 private:
  double before_, after_;  // 1 / dt, 1 / dt'
  double factor_;
};

}  // namespace smplceres
