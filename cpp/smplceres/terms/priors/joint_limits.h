// Joints stay within their ranges of motion: no cost inside, a smooth penalty outside.
//
//   E = weight sum_j sum_i h(a_ji - upper_ji)^2 + h(lower_ji - a_ji)^2,     i = twist, swing u, swing v
//
//   q = (c, m)       a joint's rotation as a unit quaternion, from its three axis-angle numbers w (radians)
//   b, u, v          orthonormal axes fixed in the body at rest; b is the direction of the bone
//   q = swing twist  first about b, then about an axis perpendicular to b:
//   t = 2 atan2(m.b, c) + 2 pi k                    the twist; k brings it closest to w.b
//   s = 2 atan2(|p|, n) / |p| (c p + (m.b) b x p) / n    the swing, a rotation vector perpendicular to b
//                    p = m - (m.b) b; n = sqrt(c^2 + (m.b)^2), the cosine of half the swing's angle
//   a = (g t, s.u, s.v)                             radians; g attenuates the twist, see below
//   h(x) = 0 | x^3 / d^2 - x^4 / (2 d^3) | x - d / 2     for x <= 0 | 0 < x < d | d <= x
//   d                `softness` (radians): the slope of h rises from 0 to 1 over d; h is twice differentiable
//
// Residual: min(N, 4) rows for N joints. A joint outside its range has e = sqrt(weight) sqrt(sum_i h^2). The
// first three such joints get a row each; any others share the last row, as the root of the sum of their e^2.
// The remaining rows are zero. Few joints are outside at once, and each row costs the solver as much as a
// coordinate of a keypoint: 23 rows make a fit 10 % longer, four rows 3 %. A joint's row may change between
// evaluations, but |r|^2 and its gradient, which determine convergence, remain continuous.
//
// The optimiser may go beyond |w| = pi before a fit wraps w. There the swing is that of the wrapped rotation,
// but the twist keeps growing (pi + 0.1 is not -pi + 0.1), so that a joint is pushed back towards where it
// came from. A bone that points opposite to its rest direction (n = 0) has no unique twist and swing: there
// g = n^2 (1 + G) / (n^2 + G), G = 0.01, attenuates the twist (by 1 % at a swing of 90 degrees, by half at
// 169), and n >= 1e-3 in the swing bounds its derivatives.
//
// Reference: Grassia, Practical Parameterization of Rotations Using the Exponential Map, J.
// Graphics Tools 3(3), 1998.
// Left out without limits.
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
  double softness = 0.1;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &JointLimitsOptions::weight, kWeightDoc);
    visit("softness",
          &JointLimitsOptions::softness,
          "Angle over which the penalty changes from 0 to slope 1, > 0, radians.");
  }
};

struct JointRange {
  Eigen::Matrix3d axes;          // rows b, u, v
  Eigen::Vector3d lower, upper;  // of the twist about b and of the swing about u and v; radians

  // Up to |w| = pi no angle exceeds |w|, so a joint with a shorter w than this is within its range. Negative
  // if the rest pose is outside.
  double Radius() const { return std::min({upper.minCoeff(), -lower.maxCoeff(), 3.14}); }
};

// Ranges of the first joints.size() joints of body_pose.
struct JointLimits {
  std::vector<JointRange> joints;

  // Throws std::invalid_argument for axes that are not orthonormal and for empty ranges.
  void Check() const;
};

// a: the attenuated twist about b and the swing about u and v, radians. T is double or a Jet.
template <typename T>
void TwistAndSwing(const Eigen::Matrix3d& axes, const T* w, T* a);
extern template void TwistAndSwing(const Eigen::Matrix3d&, const double*, double*);

// A cost of the block that holds body_pose. The limits must outlive it.
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
  std::vector<double> squared_radius_;  // |w|^2 below which a joint is within its range
};

}  // namespace smplceres
