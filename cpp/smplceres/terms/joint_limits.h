// Joints stay within their ranges of motion: nothing inside, a smooth push beyond.
//
//   E = weight sum_j sum_i h(a_ji - upper_ji)^2 + h(lower_ji - a_ji)^2,     i = twist, swing u, swing v
//
//   q = (c, m)       a joint's rotation as a unit quaternion, from its three axis-angle numbers w (radians)
//   b, u, v          orthonormal axes fixed in the body at rest; b is the bone's, about which it twists
//   q = swing twist  first about b, then about an axis perpendicular to b:
//   t = 2 atan2(m.b, c) + 2 pi k                    the twist, of the turn k that is nearest to w.b
//   s = 2 atan2(|p|, n) / |p| (c p + (m.b) b x p) / n    the swing, a rotation vector without part along b
//                    p = m - (m.b) b; n = sqrt(c^2 + (m.b)^2), the cosine of half the swing's angle
//   a = (g t, s.u, s.v)                             radians; g fades the twist out, see below
//   h(x) = 0 | x^3 / d^2 - x^4 / (2 d^3) | x - d / 2     for x <= 0 | 0 < x < d | d <= x
//   d                `softness` (radians): over it h bends from slope 0 to 1, twice differentiable
//
// Residual: min(N, 4) rows for N joints. Each joint beyond its range has e = sqrt(weight) sqrt(sum_i h^2)
// in a row of its own, the first that is free; from the fourth such joint on they share the last row, as
// the root of the sum of their e^2. The other rows are zero. Few joints are beyond at once, and a row
// costs the solver as much as a coordinate of a keypoint: one for each of 23 joints makes a fit 10 %
// longer, these four 3 %. So the joint of a row changes as others leave or return, but |r|^2 and its
// gradient, which decide where a fit ends, do not jump.
//
// Numbers beyond |w| = pi, where an optimiser may go before a fit wraps them, name the rotation of shorter
// ones. The swing is that rotation's; the twist goes on growing (pi + 0.1 is not -pi + 0.1), so that a joint
// is pushed back the way it came. A bone that points opposite to its rest (n = 0) has no twist and no one
// swing: there g = n^2 (1 + G) / (n^2 + G), G = 0.01, fades the twist out (by 1 % at a swing of 90 degrees,
// by half at 169), and the swing's n is kept above 1e-3, which bounds its derivatives.
//
// Source of the decomposition: Grassia, Practical Parameterization of Rotations Using the Exponential Map,
// J. Graphics Tools 3(3), 1998.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <vector>

#include "ceres/cost_function.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kJointLimitsTerm{"joint_limits", TermSource::kPose, 0.0};

struct JointLimitsOptions {
  double weight = 0.0;
  double softness = 0.1;  // radians

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &JointLimitsOptions::weight);
    visit("softness", &JointLimitsOptions::softness);
  }
};

struct JointRange {
  Eigen::Matrix3d axes;          // rows b, u, v
  Eigen::Vector3d lower, upper;  // of the twist about b and of the swing about u and v; radians

  // No angle is greater than |w| up to pi: of shorter w than this all three are within. Negative where the
  // rest is not.
  double Radius() const { return std::min({upper.minCoeff(), -lower.maxCoeff(), 3.14}); }
};

// One range for each joint of body_pose, or for the first of them.
struct JointLimits {
  std::vector<JointRange> joints;

  // Throws std::invalid_argument for axes that are not orthonormal and for ranges that hold nothing.
  void Check() const;
};

// a: the fading twist about b and the swing about u and v, radians. T is double or a Jet.
template <typename T>
void TwistAndSwing(const Eigen::Matrix3d& axes, const T* w, T* a);
extern template void TwistAndSwing(const Eigen::Matrix3d&, const double*, double*);

// Over the block that holds body_pose. The limits must outlive it.
class JointLimitsCost final : public ceres::CostFunction {
 public:
  JointLimitsCost(const JointLimits& limits, const JointLimitsOptions& options, Slice body_pose);

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override;

 private:
  static constexpr int kMaxRows = 4;

  template <typename T>
  T JointResidual(const JointRange& joint, const T* w) const;

  const JointLimits& limits_;
  double scale_;
  double softness_;
  Slice body_pose_;
  std::vector<double> least_squared_;  // |w|^2 below which a joint is within its range
};

}  // namespace smplceres
