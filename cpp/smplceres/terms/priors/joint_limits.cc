#include "smplceres/terms/priors/joint_limits.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "ceres/jet.h"
#include "ceres/rotation.h"
#include "smplceres/math/pi.h"

namespace smplceres {

namespace {

using Jet = ceres::Jet<double, 3>;

// h(x)
template <typename T>
T Excess(const T& x, double softness) {
  if (!(x > 0.0)) return T(0.0);
  if (x > softness) return x - 0.5 * softness;
  const T y = x / softness;
  return softness * y * y * y * (1.0 - 0.5 * y);
}

}  // namespace

void JointLimits::Check() const {
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

template <typename T>
void TwistAndSwing(const Eigen::Matrix3d& axes, const T* w, T* a) {
  using std::atan2;
  using std::floor;
  using std::sqrt;
  constexpr double kTurn = 2.0 * kPi;
  constexpr double kAttenuation = 0.01, kMinCosine = 1e-3;
  const auto along = [&](int axis, const T* x) {
    return axes(axis, 0) * x[0] + axes(axis, 1) * x[1] + axes(axis, 2) * x[2];
  };
  T q[4];
  ceres::AngleAxisToQuaternion(w, q);
  const T &c = q[0], mb = along(0, q + 1), pu = along(1, q + 1), pv = along(2, q + 1);
  const T n2 = c * c + mb * mb, p2 = pu * pu + pv * pv;

  a[0] = T(0.0);
  if (n2 > 1e-30) {  // atan2 has no derivative at n = 0
    const T t = 2.0 * atan2(mb, c);
    const T k = floor((along(0, w) - t) / kTurn + 0.5);
    a[0] = (t + kTurn * k) * n2 * (1.0 + kAttenuation) / (n2 + kAttenuation);
  }
  const T n = n2 > kMinCosine * kMinCosine ? T(sqrt(n2)) : T(kMinCosine);
  T scale = 2.0 / n;  // limit of 2 atan2(|p|, n) / |p|; |p| has no derivative at 0
  if (p2 > 1e-16) {
    const T p = sqrt(p2);
    scale = 2.0 * atan2(p, n) / p;
  }
  // b x p = hand (pu v - pv u), hand = -1 where b, u, v are left-handed.
  const double hand = axes.row(0).cross(axes.row(1)).dot(axes.row(2));
  a[1] = scale * (c * pu - hand * mb * pv) / n;
  a[2] = scale * (c * pv + hand * mb * pu) / n;
}

template void TwistAndSwing(const Eigen::Matrix3d&, const double*, double*);

JointLimitsCost::JointLimitsCost(const JointLimits& limits,
                                 const JointLimitsOptions& options,
                                 Slice body_pose)
    : limits_(limits),
      scale_(ResidualScale(kJointLimitsTerm, options.weight)),
      softness_(options.softness),
      body_pose_(body_pose) {
  CheckPositive("joint_limits.softness", options.softness);
  for (const JointRange& joint : limits.joints) {
    const double radius = std::max(joint.Radius(), 0.0);
    squared_radius_.push_back(radius * radius);
  }
  set_num_residuals(std::min(kMaxRows, static_cast<int>(limits.joints.size())));
  mutable_parameter_block_sizes()->push_back(body_pose.block_size);
}

template <typename T>
T JointLimitsCost::JointResidual(const JointRange& joint, const T* w) const {
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

bool JointLimitsCost::Evaluate(double const* const* parameters, double* residuals, double** jacobians) const {
  const int rows = num_residuals(), columns = body_pose_.block_size;
  const bool wanted = jacobians != nullptr && jacobians[0] != nullptr;
  std::fill_n(residuals, rows, 0.0);
  if (wanted) std::fill_n(jacobians[0], rows * columns, 0.0);
  int row = 0;
  for (size_t j = 0; j < limits_.joints.size(); ++j) {
    const int column = body_pose_.begin + 3 * static_cast<int>(j);
    const double* w = parameters[0] + column;
    if (w[0] * w[0] + w[1] * w[1] + w[2] * w[2] < squared_radius_[j]) continue;
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

}  // namespace smplceres
