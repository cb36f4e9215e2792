// Limbs do not pass through one another.
//
//   E = weight sum over pairs (i, j) of  o_ij^2
//
//   Gaussian  o_ij = exp( -|c_i - c_j|^2 / (2 s_ij) ),   s_ij = (width r_i)^2 + (width r_j)^2
//   depth     o_ij = max( 0, inflate (r_i + r_j) - |c_i - c_j| )                             (metres)
//
//   c_i, r_i   centre (metres, world) and radius (metres) of a sphere of the limbs' capsules
//              (body/collision_spheres.h): two skinned points, of which the second lies on the sphere
//   width      of the Gaussians, in radii: 0.3 as published. Spheres alike that just touch then have an
//              overlap of 1.5e-5, at half that distance of 0.06, and of 1 where they coincide
//   inflate    spheres are fitted inside the limbs; inflated, they reach the skin
//
// The Gaussian is the published one. It pushes hard only once limbs are deep inside each other, and a
// Gauss-Newton step can go no farther than s / |c_i - c_j|, about a fifth of a radius. The depth is linear in
// the way out: one step goes all of it, and pairs that do not touch cost nothing. On the default preset it
// took out more for less time (benchmarks/collisions.py).
//
// Residual: one row for each limb, the root of the sum over the pairs in which it is the second limb. One
// root over all pairs is published; the energy is the same, and rows of their own let Gauss-Newton push two
// limbs out at once. Where a sum is exactly 0 so is the derivative (pooled_term.h).
//
// Broad phase: Gaussians under exp(-kCutOff) = 4e-11 count as 0, so limbs whose bounding spheres are farther
// apart need not be looked into. Where a pair comes that near, E has a step of weight * 1e-21. The depth is 0
// there, and E has a continuous derivative.
//
// References: Bogo et al., "Keep it SMPL", 2016, Eq. (5); SMPLify's code has the residual
// 1e3 sqrt(sum_ij o_ij^2) and holds betas constant in it, so that bodies do not get thin to avoid a
// collision: `shape` says whether betas are to feel it.
#pragma once

#include <cmath>

#include "smplceres/terms/term.h"

namespace smplceres {

enum class Overlap { kGaussian, kDepth };

struct InterpenetrationOptions {
  double weight = 0.0;
  Overlap overlap = Overlap::kGaussian;
  double width = 0.3;     // of Gaussians, radii
  double inflate = 1.25;  // of depths, times the radii
  bool shape = false;     // differentiate with respect to betas, too
};

// Throws std::invalid_argument for numbers out of range, NaN among them.
inline void Check(const InterpenetrationOptions& options) {
  CheckRange("interpenetration.width", options.width, 1e-3, 10.0);
  CheckRange("interpenetration.inflate", options.inflate, 1e-3, 10.0);
}

template <typename T>
T SquaredDistance(const T* a, const T* b) {
  const T x = a[0] - b[0], y = a[1] - b[1], z = a[2] - b[2];
  return x * x + y * y + z * z;
}

// The functors of pooled_term.h. points: c_i, a point of sphere i, c_j, a point of sphere j.
class GaussianOverlap {
 public:
  static constexpr double kCutOff = 24.0;  // of the exponent |c_i - c_j|^2 / (2 s_ij)

  explicit GaussianOverlap(const InterpenetrationOptions& options) : width2_(options.width * options.width) {}

  double Reach(double r_i, double r_j) const {
    return std::sqrt(2.0 * kCutOff * width2_ * (r_i * r_i + r_j * r_j));
  }

  template <typename T>
  T operator()(const T* points) const {
    using std::exp;
    const T s = width2_ * (SquaredDistance(points, points + 3) + SquaredDistance(points + 6, points + 9));
    const T exponent = SquaredDistance(points, points + 6) / (2.0 * s);
    if (!(exponent < kCutOff)) return T(0.0);
    return exp(-2.0 * exponent);
  }

 private:
  double width2_;
};

class OverlapDepth {
 public:
  explicit OverlapDepth(const InterpenetrationOptions& options) : inflate_(options.inflate) {}

  double Reach(double r_i, double r_j) const { return inflate_ * (r_i + r_j); }

  template <typename T>
  T operator()(const T* points) const {
    const T radii =
        Length(SquaredDistance(points, points + 3)) + Length(SquaredDistance(points + 6, points + 9));
    const T depth = inflate_ * radii - Length(SquaredDistance(points, points + 6));
    if (!(depth > 0.0)) return T(0.0);
    return depth * depth;
  }

 private:
  // Rounded over the last 1e-8 m: centres that coincide are pushed nowhere instead of nan-wards.
  template <typename T>
  static T Length(const T& squared) {
    using std::sqrt;
    return sqrt(squared + 1e-16);
  }

  double inflate_;
};

}  // namespace smplceres
