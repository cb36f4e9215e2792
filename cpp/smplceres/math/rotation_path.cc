#include "smplceres/math/rotation_path.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "smplceres/math/pi.h"

namespace smplceres {
namespace {

using Eigen::Vector3d;
using Eigen::Vector4d;  // a quaternion (w, x, y, z)

// sin(pi x) / (pi x)
double Sinc(double x) {
  const double y = x == 0.0 ? std::numeric_limits<double>::epsilon() : kPi * x;
  return std::sin(y) / y;
}

Vector4d Quaternion(const Vector3d& rotation) {
  const double half = rotation.norm() / 2.0;
  Vector4d quaternion;
  quaternion << std::cos(half), 0.5 * Sinc(half / kPi) * rotation;
  return quaternion;
}

// The axis-angle vector of a quaternion of any length.
Vector3d AxisAngle(const Vector4d& quaternion) {
  const double sign = quaternion[0] < 0.0 ? -1.0 : 1.0;
  const double w = sign * quaternion[0];
  const Vector3d v = sign * quaternion.tail<3>();
  const double length = v.norm();
  const double angle_per_length =
      length < 1e-12 ? 2.0 / std::max(w, 1e-12) : 2.0 * std::atan2(length, w) / length;
  return angle_per_length * v;
}

}  // namespace

Vector3d InterpolateRotation(const Vector3d& first, const Vector3d& second, double fraction) {
  const Vector4d a = Quaternion(first);
  Vector4d b = Quaternion(second);
  double cosine = std::inner_product(a.data(), a.data() + 4, b.data(), 0.0);
  if (cosine < 0.0) {
    b = -b;
    cosine = -cosine;
  }
  const double angle = std::acos(std::min(cosine, 1.0));
  if (angle < 1e-8) return AxisAngle((1.0 - fraction) * a + fraction * b);
  const Vector4d mixed = std::sin((1.0 - fraction) * angle) * a + std::sin(fraction * angle) * b;
  return AxisAngle(mixed / std::sin(angle));
}

Vector3d NearestAxisAngle(const Vector3d& rotation, const Vector3d& reference) {
  const double angle = rotation.norm();
  const Vector3d axis = angle > 1e-9 ? rotation : reference;  // no turn is one about any axis
  const Vector3d unit = axis / std::max(axis.norm(), 1e-12);
  const double turns = std::nearbyint((unit.dot(reference) - angle) / (2.0 * kPi));
  return rotation + 2.0 * kPi * turns * unit;
}

}  // namespace smplceres
