// Rotations that follow one another, as axis-angle vectors (radians).
#pragma once

#include <Eigen/Core>

namespace smplceres {

// The rotation a fraction of the shortest turn from `first` to `second`: 0 gives the first, 1 the second.
// Spherical linear interpolation; length <= pi.
Eigen::Vector3d InterpolateRotation(const Eigen::Vector3d& first,
                                    const Eigen::Vector3d& second,
                                    double fraction);

// The same rotation as the vector nearest to `reference`. A rotation by an angle t about an axis is that by
// t + 2 pi k too: a path through pi need not jump to the other end.
Eigen::Vector3d NearestAxisAngle(const Eigen::Vector3d& rotation, const Eigen::Vector3d& reference);

}  // namespace smplceres
