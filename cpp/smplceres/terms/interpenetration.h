// Limbs do not pass through one another.
//
//   E = weight sum over pairs (i, j) of  o_ij^2
//
//   Gaussian  o_ij = exp( -|c_i - c_j|^2 / (2 s_ij) ),   s_ij = (width r_i)^2 + (width r_j)^2
//   depth     o_ij = max( 0, inflate (r_i + r_j) - |c_i - c_j| )                             (metres)
//   patches   o_ij = facing'_ij depth_ij G( lateral_ij / (s_i^2 + s_j^2) )                   (metres)
//
//   c_i, r_i   centre (metres, world) and radius (metres) of a sphere of the limbs' capsules
//              (collide/collision_spheres.h): two skinned points, of which the second lies on the sphere
//   width      of the Gaussians, in radii: 0.3 as published. Spheres alike that just touch then have an
//              overlap of 1.5e-5, at half that distance of 0.06, and of 1 where they coincide
//   inflate    spheres are fitted inside the limbs; inflated, they reach the skin. Patches lie a little under
//              it where it is curved: they are thicker by (inflate - 1) s_i
//   facing, depth, lateral   of patches of the skin, s_i their radii (collide/surface_patches.h): facing'
//              is 1 face to face and 0 where normals are 90 degrees apart or less; depth along the common normal,
//              with margin (inflate - 1) (s_i + s_j); lateral the squared distance across it
//   G(q)       = (exp(-q) - exp(-kCutOff)) / (1 - exp(-kCutOff)), 0 from kCutOff on: a Gaussian on the skin
//
// The Gaussian is the published one. It pushes hard only once limbs are deep inside each other, and a
// Gauss-Newton step can go no farther than s / |c_i - c_j|, about a fifth of a radius. The depth is linear in
// the way out: one step goes all of it, and pairs that do not touch cost nothing. On the default preset it
// took out more for less time (benchmarks/collisions.py).
//
// Patches see what capsules blur: how thick a limb is in the direction of the contact, and which way its skin
// faces. There are four times as many, of which many more pairs are near: they take longer.
//
// Residual: one row for each limb, the root of the sum over the pairs in which it is the second limb. One
// root over all pairs is published; the energy is the same, and rows of their own let Gauss-Newton push two
// limbs out at once. Where a sum is exactly 0 so is the derivative (pooled_term.h).
//
// Broad phase: Gaussians under exp(-kCutOff) = 4e-11 count as 0, so limbs whose bounding spheres are farther
// apart need not be looked into. Where a pair comes that near, E has a step of weight * 1e-21. The other
// overlaps are 0 there, and E has a continuous derivative.
//
// References: Bogo et al., "Keep it SMPL", 2016, Eq. (5); SMPLify's code has the residual
// 1e3 sqrt(sum_ij o_ij^2) and holds betas constant in it, so that bodies do not get thin to avoid a
// collision: `shape` says whether betas are to feel it. Patches are after the idea of Pavlakos et al.,
// "Expressive Body Capture", 2019, section 3.4 (Ballan et al. 2012): distance fields on the colliding skin's
// triangles, along their normals; here on patches of it, which need no search among all triangles.
// Left out for bodies without a surface.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "smplceres/collide/surface_patches.h"
#include "smplceres/terms/term.h"

namespace smplceres {

enum class Overlap { kGaussian, kDepth, kPatches };

inline constexpr TermInfo kInterpenetrationTerm{"interpenetration", TermSource::kCollision, 0.0};

struct InterpenetrationOptions {
  double weight = 0.0;
  Overlap overlap = Overlap::kGaussian;
  double width = 0.3;
  double inflate = 1.25;
  bool shape = false;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &InterpenetrationOptions::weight, kWeightDoc);
    visit("overlap",
          &InterpenetrationOptions::overlap,
          "\"gaussian\", as published, no unit; \"depth\", metres, zero for limbs that do not touch; or "
          "\"patches\", metres, finer and slower.");
    visit("width", &InterpenetrationOptions::width, "Of Gaussians, radii, 0.001 to 10.");
    visit("inflate",
          &InterpenetrationOptions::inflate,
          "Factor on the radii for \"depth\" and \"patches\", 0.001 to 10: spheres are fitted inside limbs, "
          "and scaled by it they reach the skin; patches are moved outwards by (inflate - 1) radii.");
    visit("shape",
          &InterpenetrationOptions::shape,
          "Differentiate with respect to betas, too; False, as published: a body does not get thinner to "
          "avoid a collision.");
  }
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

// The functors of pooled_term.h. points: c_i, a point of sphere i, c_j, a point of sphere j; of patches b_i,
// c_i, b_j, c_j.
class GaussianOverlap {
 public:
  static constexpr double kCutOff = 24.0;  // of the exponent |c_i - c_j|^2 / (2 s_ij)

  explicit GaussianOverlap(const InterpenetrationOptions& options) : width2_(options.width * options.width) {}

  double Reach(double r_i, double r_j) const { return std::sqrt(SquaredReach(r_i, r_j, 0, 0)); }
  double SquaredReach(double r_i, double r_j, int /*i*/, int /*j*/) const {
    return 2.0 * kCutOff * width2_ * (r_i * r_i + r_j * r_j);
  }

  template <typename T>
  T operator()(const T* points, int /*i*/, int /*j*/) const {
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
  double SquaredReach(double r_i, double r_j, int /*i*/, int /*j*/) const {
    return Reach(r_i, r_j) * Reach(r_i, r_j);
  }

  template <typename T>
  T operator()(const T* points, int /*i*/, int /*j*/) const {
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

class PatchOverlap {
 public:
  static constexpr double kCutOff = 4.5;  // of the exponent: three standard deviations

  // radii: s_i, must outlive it.
  PatchOverlap(const InterpenetrationOptions& options, const std::vector<double>& radii)
      : stands_off_(options.inflate - 1.0),
        radii_(radii),
        largest_(*std::max_element(radii.begin(), radii.end())) {}

  double Reach(double r_i, double r_j) const {
    return std::sqrt(SquaredReachOf(r_i + r_j, std::max(r_i, r_j), largest_, largest_));
  }
  double SquaredReach(double r_i, double r_j, int i, int j) const {
    return SquaredReachOf(
        r_i + r_j, r_i - r_j, radii_[static_cast<size_t>(i)], radii_[static_cast<size_t>(j)]);
  }

  template <typename T>
  T operator()(const T* points, int i, int j) const {
    using std::exp;
    const double s_i = radii_[static_cast<size_t>(i)], s_j = radii_[static_cast<size_t>(j)];
    PatchContact<T> contact;
    if (!Meet(points, stands_off_ * (s_i + s_j), &contact)) return T(0.0);
    const T exponent = contact.lateral / (s_i * s_i + s_j * s_j);
    if (!(exponent < kCutOff)) return T(0.0);
    const double end = std::exp(-kCutOff);
    const T facing = (contact.facing - kLeastFacing) / (1.0 - kLeastFacing);
    const T overlap = facing * contact.depth * (exp(-exponent) - end) / (1.0 - end);
    return overlap * overlap;
  }

 private:
  // Of r, half of a slab's thickness: sum and difference. Along the normal, middles b whose distance is the
  // sum and the margin touch there. Across it lateral is that of the centres c, from which that of b differs
  // where normals do, by the difference times the sine of half the angle of n_i and -n_j:
  //
  //   across = sqrt(kCutOff (s_i^2 + s_j^2)) + sqrt(1 - kLeastFacing) |difference|,
  //
  // and (a + b)^2 <= 1.3 a^2 + (1 + 1 / 0.3) b^2.
  double SquaredReachOf(double sum, double difference, double s_i, double s_j) const {
    const double along = sum + std::max(0.0, stands_off_ * (s_i + s_j));
    return along * along + 1.3 * kCutOff * (s_i * s_i + s_j * s_j) +
           (1.0 + 1.0 / 0.3) * (1.0 - kLeastFacing) * difference * difference;
  }

  double stands_off_;
  const std::vector<double>& radii_;
  double largest_;
};

}  // namespace smplceres
