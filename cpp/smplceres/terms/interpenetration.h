// Limbs do not pass through one another.
//
//   E = weight sum over pairs (i, j) of  o_ij^2
//
//   Gaussian  o_ij = exp( -|c_i - c_j|^2 / (2 s_ij) ),   s_ij = (width r_i)^2 + (width r_j)^2
//   depth     o_ij = max( 0, inflate (r_i + r_j) - |c_i - c_j| )                             (metres)
//   patches   o_ij = facing'_ij depth_ij G( lateral_ij / (s_i^2 + s_j^2) )                   (metres)
//
//   c_i, r_i   centre (metres, world) and radius (metres) of a sphere of the limbs' capsules
//              (collide/collision_spheres.h), given by two skinned points, the second on the sphere
//   width      width of the Gaussians, in radii; 0.3 as published. Equal spheres then overlap by 1 if they
//              coincide, by 0.06 at half the distance at which they touch, and by 1.5e-5 at that distance
//   inflate    spheres are fitted inside the limbs and reach the skin when inflated. Patches are slightly
//              below curved skin and are thickened by (inflate - 1) s_i
//   facing, depth, lateral   of two patches of the skin with radii s_i, s_j (collide/surface_patches.h):
//              facing' is 1 face to face and 0 if the normals are 90 degrees apart or less; depth is along
//              the common normal, with margin (inflate - 1) (s_i + s_j); lateral is the squared distance
//              across it
//   G(q)       = (exp(-q) - exp(-kCutOff)) / (1 - exp(-kCutOff)), 0 from kCutOff on: a Gaussian on the skin
//
// The Gaussian overlap is the published one. Its gradient is large only for deep penetration, and a
// Gauss-Newton step is limited to s / |c_i - c_j|, about a fifth of a radius. The depth overlap is linear in
// the distance to separation, so that one step suffices, and pairs that do not touch cost nothing. With the
// default preset it removes more penetration in less time (benchmarks/collisions.py).
//
// Patches model what capsules approximate coarsely: the thickness of a limb in the direction of the contact
// and the direction of its skin. They are four times as many with many more close pairs, and take longer.
//
// Residual: one row per chain of limbs, the root of the sum over the pairs whose second limb is in the chain.
// The published residual is one root over all pairs; the energy is the same, and separate rows let
// Gauss-Newton separate several limbs at once. If a sum is exactly 0, so is the derivative (pooled_term.h).
//
// Broad phase: Gaussians below exp(-kCutOff) = 4e-11 are set to 0, so pairs of limbs whose bounding spheres
// are farther apart are skipped. At that distance E has a step of weight * 1e-21. The other overlaps are 0
// there, and E has a continuous derivative.
//
// References: Bogo et al., "Keep it SMPL", 2016, Eq. (5). SMPLify's code has the residual 1e3 sqrt(sum_ij
// o_ij^2) and no derivatives with respect to betas, so that bodies do not become thin to avoid a collision;
// see `shape`. Patches follow the idea of Pavlakos et al., "Expressive Body Capture", 2019, section 3.4
// (Ballan et al. 2012), with distance fields on the colliding triangles, along their normals; patches need no
// search among all triangles.
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

// Functors of pooled_term.h. points: c_i, a point of sphere i, c_j, a point of sphere j; for patches b_i,
// c_i, b_j, c_j.
class GaussianOverlap {
 public:
  static constexpr double kCutOff = 24.0;  // maximum exponent |c_i - c_j|^2 / (2 s_ij)

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
  // Smooth within 1e-8 m of 0, so that coincident centres have a zero derivative instead of NaN.
  template <typename T>
  static T Length(const T& squared) {
    using std::sqrt;
    return sqrt(squared + 1e-16);
  }

  double inflate_;
};

class PatchOverlap {
 public:
  static constexpr double kCutOff = 4.5;  // maximum exponent: three standard deviations

  // radii: s_i, must outlive it.
  PatchOverlap(const InterpenetrationOptions& options, const std::vector<double>& radii)
      : relative_margin_(options.inflate - 1.0),
        radii_(radii),
        max_radius_(*std::max_element(radii.begin(), radii.end())) {}

  double Reach(double r_i, double r_j) const {
    return std::sqrt(SquaredReachOf(r_i + r_j, std::max(r_i, r_j), max_radius_, max_radius_));
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
    if (!FindContact(points, relative_margin_ * (s_i + s_j), &contact)) return T(0.0);
    const T exponent = contact.lateral / (s_i * s_i + s_j * s_j);
    if (!(exponent < kCutOff)) return T(0.0);
    const double end = std::exp(-kCutOff);
    const T facing = (contact.facing - kMinFacing) / (1.0 - kMinFacing);
    const T overlap = facing * contact.depth * (exp(-exponent) - end) / (1.0 - end);
    return overlap * overlap;
  }

 private:
  // sum, difference: of the half thicknesses r of the slabs. Along the normal, slabs touch when the distance
  // of their middles b is the sum plus the margin. Across it, `lateral` is measured between the centres c;
  // for b it differs by at most the difference times the sine of half the angle between n_i and -n_j:
  //
  //   across = sqrt(kCutOff (s_i^2 + s_j^2)) + sqrt(1 - kMinFacing) |difference|,
  //
  // and (a + b)^2 <= 1.3 a^2 + (1 + 1 / 0.3) b^2.
  double SquaredReachOf(double sum, double difference, double s_i, double s_j) const {
    const double along = sum + std::max(0.0, relative_margin_ * (s_i + s_j));
    return along * along + 1.3 * kCutOff * (s_i * s_i + s_j * s_j) +
           (1.0 + 1.0 / 0.3) * (1.0 - kMinFacing) * difference * difference;
  }

  double relative_margin_;
  const std::vector<double>& radii_;
  double max_radius_;
};

}  // namespace smplceres
