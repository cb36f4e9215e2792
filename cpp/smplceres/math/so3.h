// Rotations as axis-angle vectors w: direction = axis, length = angle in radians.
#pragma once

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <cmath>

#include "ceres/rotation.h"
#include "smplceres/math/pi.h"

namespace smplceres {

// [v]_x, so that [v]_x u = v x u.
inline Eigen::Matrix3d Skew(const Eigen::Vector3d& v) {
  Eigen::Matrix3d m;
  m << 0.0, -v.z(), v.y(), v.z(), 0.0, -v.x(), -v.y(), v.x(), 0.0;
  return m;
}

// v . Vee(M) = sum_ij ([v]_x)_ij M_ij;  Vee([v]_x) = 2 v.
inline Eigen::Vector3d Vee(const Eigen::Matrix3d& m) {
  return {m(2, 1) - m(1, 2), m(0, 2) - m(2, 0), m(1, 0) - m(0, 1)};
}

// exp: so(3) -> SO(3). Smooth at w = 0, for Jets too.
template <typename T>
Eigen::Matrix<T, 3, 3> Exp(const T* w) {
  Eigen::Matrix<T, 3, 3> rotation;
  ceres::AngleAxisToRotationMatrix(w, rotation.data());
  return rotation;
}

inline Eigen::Matrix3d Exp(const Eigen::Vector3d& w) { return Exp(w.data()); }

// log: SO(3) -> so(3), |w| <= pi.
inline Eigen::Vector3d Log(const Eigen::Matrix3d& rotation) {
  Eigen::Vector3d w;
  ceres::RotationMatrixToAngleAxis(rotation.data(), w.data());
  return w;
}

// Left Jacobian J_l(w) of SO(3):  exp(w + dw) = exp(J_l(w) dw) exp(w) + O(|dw|^2),
//   J_l(w) = I + a [w]_x + b [w]_x^2,     a = (1 - cos t) / t^2,  b = (t - sin t) / t^3,  t = |w|.
// rotation: exp(w), whose trace gives cos t and whose antisymmetric part gives t sin t. Below t = 0.1, a and
// b are Taylor series, exact there to 1e-14.
inline Eigen::Matrix3d LeftJacobian(const Eigen::Vector3d& w, const Eigen::Matrix3d& rotation) {
  const double t2 = w.squaredNorm();
  double a, b;
  if (t2 < 1e-2) {
    a = 0.5 - t2 / 24.0 * (1.0 - t2 / 30.0 * (1.0 - t2 / 56.0));
    b = 1.0 / 6.0 - t2 / 120.0 * (1.0 - t2 / 42.0 * (1.0 - t2 / 72.0));
  } else {
    const double t_sin_t = 0.5 * w.dot(Vee(rotation));
    a = 0.5 * (3.0 - rotation.trace()) / t2;
    b = (t2 - t_sin_t) / (t2 * t2);
  }
  // [w]_x^2 = w w^T - t^2 I
  const Eigen::Vector3d aw = a * w, bw = b * w;
  const double c = 1.0 - b * t2, xy = bw.x() * w.y(), xz = bw.x() * w.z(), yz = bw.y() * w.z();
  Eigen::Matrix3d jacobian;
  jacobian << c + bw.x() * w.x(), xy - aw.z(), xz + aw.y(),  //
      xy + aw.z(), c + bw.y() * w.y(), yz - aw.x(),          //
      xz - aw.y(), yz + aw.x(), c + bw.z() * w.z();
  return jacobian;
}

inline Eigen::Matrix3d LeftJacobian(const Eigen::Vector3d& w) { return LeftJacobian(w, Exp(w)); }

// The axis-angle vector of the same rotation with |w| <= pi.
inline Eigen::Vector3d WrapAxisAngle(const Eigen::Vector3d& w) {
  const double angle = w.norm();
  if (angle <= kPi) return w;
  return w * (1.0 - 2.0 * kPi * std::round(angle / (2.0 * kPi)) / angle);
}

}  // namespace smplceres
