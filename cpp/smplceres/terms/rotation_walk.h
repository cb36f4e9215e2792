// Joints turn smoothly: their rotations are a random walk.
//
//   E = weight sum_f |theta(f+1) - theta(f)|^2 / (sigma^2 dt)
//
//   theta(f)  body_pose at frame f (axis-angles, radians), without the root
//   dt        time from frame f to f + 1 (seconds)
//   sigma     radians / s^0.5: over a second each component changes by sigma (standard deviation)
//
// Residual: 3 (J - 1) rows per pair of successive frames. It constrains rotations that do not change
// the joints' positions, such as the twist of a forearm. acceleration.h constrains the positions,
// without damping steady motion.
// Without effect on a single frame.
#pragma once

#include "ceres/cost_function.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kRotationWalkTerm{"rotation_walk", TermSource::kMotion, 1.0};

struct RotationWalkOptions {
  double weight = 0.0;
  double sigma = 1.0;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &RotationWalkOptions::weight, kWeightDoc);
    visit("sigma",
          &RotationWalkOptions::sigma,
          "Change of a component of body_pose in a second, radians / s^0.5, > 0.");
  }
};

// Throws std::invalid_argument for numbers out of range, NaN among them.
inline void Check(const RotationWalkOptions& options) {
  CheckRange("rotation_walk.sigma", options.sigma, 1e-6, 1e6);
}

// A cost of the two frames' blocks that hold body_pose.
class RotationWalkCost final : public ceres::CostFunction {
 public:
  RotationWalkCost(const RotationWalkOptions& options, double dt, Slice body_pose, int size);

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override;

 private:
  double factor_;
  Slice body_pose_;
};

}  // namespace smplceres
