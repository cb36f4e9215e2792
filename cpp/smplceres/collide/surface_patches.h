// The skin as patches, fitted to a body: discs with the thickness of the limb below them.
//
//   c_i, n_i   centre on the skin and outward normal;  s_i  radius of the disc (metres)
//   b_i        c_i - rho_i n_i, the middle of the limb's slab below the patch;  rho_i  half the slab's
//              thickness (metres)
//
// A limb's vertices (limb_pairs.h) are divided into cells whose centres are at least kSpacing limb radii
// apart; a difference of normals adds to the distance. A patch is the mean, weighted by area, of its cell's
// positions, normals and shape directions; s_i is the radius of a disc of the cell's area. The other side of
// the slab is the mean of the limb's vertices farthest below the disc. Both points are linear in beta and
// carried rigidly by the joint that moves most of the cell.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <memory>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/body/skinned_points.h"
#include "smplceres/collide/limb_pairs.h"

namespace smplceres {

struct SurfacePatches {
  std::vector<double> radii;  // s_i
  // Pairs that may collide, as for spheres (collision_spheres.h): those with a clearance of kClearAtRest at
  // rest.
  LimbPairs limbs;
  // Patch i as two points, 2 i is b_i and 2 i + 1 is c_i, at rest and skinned.
  std::vector<CarriedPoint> carried;
  std::shared_ptr<const SkinnedPoints> points;
};

// Null for a body without any surface.
std::shared_ptr<const SurfacePatches> FitSurfacePatches(const BodyModel& model);

// FitSurfacePatches, computed on the first request and cached with the body.
const SurfacePatches* SurfacePatchesOf(const BodyModel& model);

// The contact of two patches.
//
//   m       = (n_i - n_j) / |n_i - n_j|              common normal, from i to j for patches that face each
//   other facing  = |n_i - n_j|^2 / 4                      1 face to face, 0 where normals agree y       = m
//   . (b_j - b_i)                        distance of the slabs' middles T       = |n_i - n_j| / 2 (rho_i +
//   rho_j) + margin           distance at which they touch depth   = T - |y| lateral = squared distance of
//   the centres c across m
//
// |y| is smooth within a millimetre of 0, where depth has its maximum; limbs may separate to either side. For
// y < 0 the patches are on the far sides of two limbs, which other patches separate, and depth fades from y =
// 0 to -T / 2.
template <typename T>
struct PatchContact {
  T facing = T(0.0), depth = T(0.0), lateral = T(0.0);
};

constexpr double kMinFacing = 0.5;  // normals 90 degrees apart

// points: b_i, c_i, b_j, c_j. False if there is no contact: depth is 0 or facing at most kMinFacing.
template <typename T>
bool FindContact(const T* points, double margin, PatchContact<T>* contact) {
  using std::sqrt;
  using Vector3 = Eigen::Matrix<T, 3, 1>;
  const Eigen::Map<const Vector3> b_i(points), c_i(points + 3), b_j(points + 6), c_j(points + 9);
  const Vector3 up_i = c_i - b_i, up_j = c_j - b_j;
  if (!(up_i.dot(up_j) < 0.0)) return false;  // facing is at most kMinFacing
  const T rho_i = sqrt(up_i.squaredNorm()), rho_j = sqrt(up_j.squaredNorm());
  const Vector3 apart = up_i / rho_i - up_j / rho_j;
  contact->facing = 0.25 * apart.squaredNorm();
  if (!(contact->facing > kMinFacing)) return false;
  const T half = sqrt(contact->facing);
  const Vector3 m = apart / (2.0 * half);
  const T touch = half * (rho_i + rho_j) + margin;
  const T y = m.dot(b_j - b_i);
  contact->depth = touch - sqrt(y * y + 1e-6);
  if (!(contact->depth > 0.0) || !(y > -0.5 * touch)) return false;
  if (y < 0.0) {
    const T left = 1.0 + 2.0 * y / touch;
    contact->depth *= left * left * (3.0 - 2.0 * left);
  }
  const Vector3 between = c_j - c_i;
  const T along = m.dot(between);
  contact->lateral = between.squaredNorm() - along * along;
  return true;
}

}  // namespace smplceres
