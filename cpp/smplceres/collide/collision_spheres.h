// Limbs as capsules made of spheres, fitted to a body.
//
//   c_i(beta) = a_i + S_i beta        centre at rest, carried rigidly by the joint that moves most of the
//                                     vertices around it
//   r_i(beta) = r_i + s_i . beta      radius
//
// Planes are spaced along the axis of each limb (limb_pairs.h). A smooth window about each plane weights the
// limb's vertices (by area), and
//
//   c_i = mean of the vertices,    r_i = mean - 1/2 standard deviation  of their distances from the axis,
//
// smaller than the mean if a limb is not round (a hand), so that spheres do not protrude from its flat sides.
// Windows are those of the mean shape, so centres are exactly linear in beta; slopes of the radii are central
// differences at beta_b = -1 and +1.
//
// The axis is the bone if the limb is longest along it, otherwise the direction in which the limb is longest,
// as for pelvis, spine and chest. References: Bogo et al., "Keep it SMPL", 2016, section 3.3: 20 capsules
// whose lengths and radii are linear in beta, made into spheres along their axes. Here the radius may differ
// along a capsule.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/body/skinned_points.h"
#include "smplceres/collide/limb_pairs.h"

namespace smplceres {

struct CollisionSphere {
  int joint;                               // the joint that carries it
  Eigen::Vector3d centre;                  // a_i, metres
  KinematicsJacobian::Matrix3B shapedirs;  // S_i, 3 x (B + X)
  double radius;                           // r_i, metres, of the mean shape
  Eigen::RowVectorXd radius_shapedirs;     // s_i, 1 x B
};

struct CollisionSpheres {
  std::vector<CollisionSphere> spheres;
  // The spheres of each limb, and the pairs that may collide: those of limbs that neither follow one another
  // nor touch at rest (parts.h), if in the mean shape at rest their distance exceeds kClearAtRest times the
  // sum of their radii. This excludes, for example, the tops of the thighs.
  LimbPairs limbs;
  // Sphere i as two skinned points, 2 i its centre and 2 i + 1 a point of its surface. Their distance is its
  // radius for any shape.
  std::shared_ptr<const SkinnedPoints> points;
};

// Null for a body without a surface.
std::shared_ptr<const CollisionSpheres> FitCollisionSpheres(const BodyModel& model);

// FitCollisionSpheres, computed on the first request and cached with the body.
const CollisionSpheres* CollisionSpheresOf(const BodyModel& model);

}  // namespace smplceres
