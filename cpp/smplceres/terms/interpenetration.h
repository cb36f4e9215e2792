// Limbs do not pass through one another.
//
//   E = weight sum over pairs (i, j) of  exp( -|c_i - c_j|^2 / (2 s_ij) )^2,
//   s_ij = (width r_i)^2 + (width r_j)^2
//
//   c_i, r_i   centre (metres, world) and radius (metres) of a sphere of the limbs' capsules
//              (body/collision_spheres.h): two skinned points, of which the second lies on the sphere
//   width      of the Gaussians, in radii: 0.3 as published. Spheres alike that just touch then have an
//              overlap of 1.5e-5, at half that distance of 0.06, and of 1 where they coincide
//
// Residual: one row for each chain of limbs (an arm, a leg, the head): the root of the sum over the pairs of
// which it has one limb. One root over all pairs is published; the energy is the same, and rows of their own
// let Gauss-Newton push two arms out at once. A sum of exactly 0 has derivative 0 (pooled_term.h).
//
// Broad phase: overlaps under exp(-kCutOff) = 2e-9 count as 0, so limbs whose bounding spheres are farther
// apart need not be looked into. Where a pair comes that near, E has a step of weight * 4e-18.
//
// Reference: Bogo et al., "Keep it SMPL", 2016, Eq. (5); SMPLify's code has the residual
// 1e3 sqrt(sum_ij overlap^2) and holds betas constant in it, so that bodies do not get thin to avoid a
// collision: `shape` says whether betas are to feel it.
#pragma once

#include <cmath>

#include "smplceres/terms/term.h"

namespace smplceres {

struct InterpenetrationOptions {
  double weight = 0.0;
  double width = 0.3;
  bool shape = false;  // differentiate with respect to betas, too
};

// Throws std::invalid_argument for numbers out of range, NaN among them.
inline void Check(const InterpenetrationOptions& options) {
  CheckRange("interpenetration.width", options.width, 1e-3, 10.0);
}

class SphereOverlap {
 public:
  static constexpr int kNumPoints = 4;
  static constexpr double kCutOff = 20.0;  // of the exponent |c_i - c_j|^2 / (2 s_ij)

  explicit SphereOverlap(double width) : width2_(width * width) {}

  // Farther apart than this, spheres of radii up to r_i and r_j do not count.
  double Reach(double r_i, double r_j) const {
    return std::sqrt(2.0 * kCutOff * width2_ * (r_i * r_i + r_j * r_j));
  }

  // points: c_i, a point of sphere i, c_j, a point of sphere j. Returns the squared overlap.
  template <typename T>
  T operator()(const T* points) const {
    using std::exp;
    const T* c_i = points;
    const T* c_j = points + 6;
    const T s = width2_ * (SquaredDistance(c_i, points + 3) + SquaredDistance(c_j, points + 9));
    const T exponent = SquaredDistance(c_i, c_j) / (2.0 * s);
    if (!(exponent < kCutOff)) return T(0.0);
    return exp(-2.0 * exponent);
  }

 private:
  template <typename T>
  static T SquaredDistance(const T* a, const T* b) {
    const T x = a[0] - b[0], y = a[1] - b[1], z = a[2] - b[2];
    return x * x + y * y + z * z;
  }

  double width2_;
};

}  // namespace smplceres
