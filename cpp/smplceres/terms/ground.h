// The feet are on the ground or above it.
//
//   E = weight ( min(0, m_left)^2 + min(0, m_right)^2 + contact max(0, m)^2 ) / sigma^2
//
//   h_i       n . p_i - d, height of skinned point i of a sole above the plane (metres)
//   n, d      the plane n . x = d, n its upward unit normal (world), d in metres
//   sigma     standard deviation of the soles' height (metres): shoes, carpets, errors of the plane
//   contact   1: the lower foot stands on the plane; 0: both may be above it
//   m_left, m_right, m   the soft minimum of h over the points of a foot, and of the two feet's minima:
//   softmin   -tau log( sum_i exp(-v_i / tau) / sqrt(N) ),   tau = 5 mm
//
// Residual: 3 rows. E has a continuous derivative. Without contact, E is 0 while the feet are above the
// plane. The soft minimum is within tau log(N) / 2 of the minimum, 3.5 mm for the four points of a foot:
// below it if all points are equally low, above it if one is lowest.
// Left out without a ground.
#pragma once

#include <Eigen/Core>
#include <cmath>

#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kGroundTerm{"ground", TermSource::kGround, 1.0};

struct GroundOptions {
  double weight = 0.0;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &GroundOptions::weight, kWeightDoc);
  }
};

struct GroundPlane {
  Eigen::Vector3d normal = Eigen::Vector3d::UnitY();
  double offset = 0.0;
  double sigma = 0.02;
  bool contact = true;
};

class FeetOnGround {
 public:
  static constexpr int kPointsOfFoot = 4;
  static constexpr int kNumPoints = 2 * kPointsOfFoot;  // left foot, right foot
  static constexpr int kNumResiduals = 3;

  // scale = sqrt(weight).
  FeetOnGround(const GroundPlane& plane, double scale) : plane_(plane), scale_(scale / plane.sigma) {}

  template <typename T>
  bool operator()(const T* points, const T*, T* residuals) const {
    T heights[kNumPoints], feet[2];
    for (int i = 0; i < kNumPoints; ++i)
      heights[i] = plane_.normal[0] * points[3 * i] + plane_.normal[1] * points[3 * i + 1] +
                   plane_.normal[2] * points[3 * i + 2] - plane_.offset;
    for (int foot = 0; foot < 2; ++foot) {
      feet[foot] = SoftMin<kPointsOfFoot>(heights + kPointsOfFoot * foot);
      residuals[foot] = feet[foot] < 0.0 ? T(scale_ * feet[foot]) : T(0.0);
    }
    const T lowest = SoftMin<2>(feet);
    residuals[2] = plane_.contact && lowest > 0.0 ? T(scale_ * lowest) : T(0.0);
    return true;
  }

 private:
  static constexpr double kTau = 0.005;

  template <int N, typename T>
  static T SoftMin(const T* values) {
    using std::exp;
    using std::log;
    using std::sqrt;
    T min = values[0];
    for (int i = 1; i < N; ++i)
      if (values[i] < min) min = values[i];
    T sum(0.0);
    for (int i = 0; i < N; ++i) sum += exp((min - values[i]) / kTau);
    return min - kTau * log(sum / sqrt(static_cast<double>(N)));
  }

  GroundPlane plane_;
  double scale_;
};

}  // namespace smplceres
