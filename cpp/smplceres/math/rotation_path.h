// Interpolation and continuity of rotations as axis-angle vectors (radians).
#pragma once

#include <Eigen/Core>

namespace smplceres {

// Spherical linear interpolation: 0 gives `first`, 1 gives `second`. The result has length <= pi.
Eigen::Vector3d InterpolateRotation(const Eigen::Vector3d& first,
                                    const Eigen::Vector3d& second,
                                    double fraction);

// The axis-angle vector of the rotation that is nearest to `reference`. Since angles t and t + 2 pi k give
// the same rotation, a path through pi remains continuous.
Eigen::Vector3d NearestAxisAngle(const Eigen::Vector3d& rotation, const Eigen::Vector3d& reference);

}  // namespace smplceres
