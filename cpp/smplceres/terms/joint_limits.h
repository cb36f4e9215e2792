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
#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <vector>

#include "ceres/cost_function.h"
#include "ceres/jet.h"
#include "ceres/rotation.h"
#include "ceres/types.h"
#include "smplceres/terms/term.h"

namespace smplceres {

struct JointLimitOptions {
  double weight = 0.0;
  double softness = 0.1;  // radians
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
  void Check() const {
    if (joints.empty()) throw std::invalid_argument("lower: expected at least one joint, got none");
    for (size_t j = 0; j < joints.size(); ++j) {
      const JointRange& joint = joints[j];
      const Eigen::Matrix3d gram = joint.axes * joint.axes.transpose();
      if (!joint.axes.allFinite() || !((gram - Eigen::Matrix3d::Identity()).cwiseAbs().maxCoeff() < 1e-6))
        throw std::invalid_argument("axes: expected orthonormal rows, got others at joint " +
                                    std::to_string(j));
      for (int i = 0; i < 3; ++i)
        if (!(joint.lower[i] < joint.upper[i]) || std::isinf(joint.lower[i]) || std::isinf(joint.upper[i]))
          throw std::invalid_argument("lower, upper: expected finite numbers, lower < upper, got " +
                                      std::to_string(joint.lower[i]) + " and " +
                                      std::to_string(joint.upper[i]) + " at joint " + std::to_string(j));
    }
  }
};

// a: the fading twist about b and the swing about u and v, radians. T is double or a Jet.
template <typename T>
void TwistAndSwing(const Eigen::Matrix3d& axes, const T* w, T* a) {
  using std::atan2;
  using std::floor;
  using std::sqrt;
  constexpr double kTurn = 2.0 * 3.14159265358979323846;
  constexpr double kFade = 0.01, kLeastCosine = 1e-3;
  const auto along = [&](int axis, const T* x) {
    return axes(axis, 0) * x[0] + axes(axis, 1) * x[1] + axes(axis, 2) * x[2];
  };
  T q[4];
  ceres::AngleAxisToQuaternion(w, q);
  const T &c = q[0], mb = along(0, q + 1), pu = along(1, q + 1), pv = along(2, q + 1);
  const T n2 = c * c + mb * mb, p2 = pu * pu + pv * pv;

  a[0] = T(0.0);
  if (n2 > 1e-30) {  // else atan2 has no derivative
    const T t = 2.0 * atan2(mb, c);
    const T k = floor((along(0, w) - t) / kTurn + 0.5);
    a[0] = (t + kTurn * k) * n2 * (1.0 + kFade) / (n2 + kFade);
  }
  const T n = n2 > kLeastCosine * kLeastCosine ? T(sqrt(n2)) : T(kLeastCosine);
  T scale = 2.0 / n;  // of 2 atan2(|p|, n) / |p|, where |p| has no derivative
  if (p2 > 1e-16) {
    const T p = sqrt(p2);
    scale = 2.0 * atan2(p, n) / p;
  }
  // b x p = hand (pu v - pv u), hand = -1 where b, u, v are left-handed.
  const double hand = axes.row(0).cross(axes.row(1)).dot(axes.row(2));
  a[1] = scale * (c * pu - hand * mb * pv) / n;
  a[2] = scale * (c * pv + hand * mb * pu) / n;
}

// h(x): 0, then bent over `softness`, then straight.
template <typename T>
T Excess(const T& x, double softness) {
  if (!(x > 0.0)) return T(0.0);
  if (x > softness) return x - 0.5 * softness;
  const T y = x / softness;
  return softness * y * y * y * (1.0 - 0.5 * y);
}

// Over the block that holds body_pose. The limits must outlive it.
class JointLimitsCost final : public ceres::CostFunction {
 public:
  JointLimitsCost(const JointLimits& limits, const JointLimitOptions& options, Slice body_pose)
      : limits_(limits),
        scale_(ResidualScale("joint_limits", options.weight)),
        softness_(options.softness),
        body_pose_(body_pose) {
    CheckPositive("joint_limits.softness", options.softness);
    for (const JointRange& joint : limits.joints) {
      const double radius = std::max(joint.Radius(), 0.0);
      least_squared_.push_back(radius * radius);
    }
    set_num_residuals(std::min(kMaxRows, static_cast<int>(limits.joints.size())));
    mutable_parameter_block_sizes()->push_back(body_pose.block_size);
  }

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    const int rows = num_residuals(), columns = body_pose_.block_size;
    const bool wanted = jacobians != nullptr && jacobians[0] != nullptr;
    std::fill_n(residuals, rows, 0.0);
    if (wanted) std::fill_n(jacobians[0], rows * columns, 0.0);
    int row = 0;
    for (size_t j = 0; j < limits_.joints.size(); ++j) {
      const int column = body_pose_.begin + 3 * static_cast<int>(j);
      const double* w = parameters[0] + column;
      if (w[0] * w[0] + w[1] * w[1] + w[2] * w[2] < least_squared_[j]) continue;
      const double e = JointResidual(limits_.joints[j], w);
      if (e == 0.0) continue;
      const double others = residuals[row];
      residuals[row] = std::hypot(others, e);
      if (wanted) {
        const Jet jets[3] = {Jet(w[0], 0), Jet(w[1], 1), Jet(w[2], 2)};
        const Jet by_joint = JointResidual(limits_.joints[j], jets) * (e / residuals[row]);
        double* jacobian = jacobians[0] + row * columns;
        if (others > 0.0)
          for (int i = 0; i < column; ++i) jacobian[i] *= others / residuals[row];
        for (int i = 0; i < 3; ++i) jacobian[column + i] = by_joint.v[i];
      }
      row = std::min(row + 1, rows - 1);
    }
    return true;
  }

 private:
  static constexpr int kMaxRows = 4;
  using Jet = ceres::Jet<double, 3>;

  template <typename T>
  T JointResidual(const JointRange& joint, const T* w) const {
    using std::sqrt;
    T a[3], sum(0.0);
    TwistAndSwing(joint.axes, w, a);
    for (int i = 0; i < 3; ++i) {
      const T above = Excess(T(a[i] - joint.upper[i]), softness_);
      const T below = Excess(T(joint.lower[i] - a[i]), softness_);
      sum += above * above + below * below;
    }
    return sum > 0.0 ? T(scale_ * sqrt(sum)) : T(0.0);
  }

  const JointLimits& limits_;
  double scale_;
  double softness_;
  Slice body_pose_;
  std::vector<double> least_squared_;  // |w|^2 below which a joint is within its range
};

}  // namespace smplceres
