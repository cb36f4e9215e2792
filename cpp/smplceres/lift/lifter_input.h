// The input of the network (lift/lifter.h), made of the keypoints of one image. It does not depend on where
// in the image the person is, nor on the person's size there if the focal length is unknown:
//
//   m    lower medians of the x and of the y of all rays (x, y, 1) of visible keypoints
//   R    the smallest rotation that turns the ray (m, 1) onto the z axis
//   u    (X, Y) / Z of R (x, y, 1), the keypoint as a camera sees it that looks at the person
//   q    lower median of |u|
//
//   input   [ clamp(u / q) of each slot, 0 if not visible | confidence of each slot, at most 1 |
//             log(q / 0.1) or 0 | 1 if focal lengths are known |
//             log(noise / q) + 3 or 0 | 1 if the noise is known ]
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "smplceres/math/row_matrix.h"

namespace smplceres {

struct LifterInput {
  static Eigen::Index SizeOf(std::size_t num_slots) { return static_cast<Eigen::Index>(3 * num_slots + 4); }

  // A visible keypoint.
  struct Seen {
    int slot;
    Eigen::Vector2d ray;  // normalised coordinates
    double confidence;    // > 0
  };

  // seen: not empty; the first of several in one slot counts. noise: standard deviation of a coordinate of a
  // ray at confidence 1; 0: unknown.
  LifterInput(std::size_t num_slots, const std::vector<Seen>& seen, bool focal_known, double noise);

  Eigen::VectorXf input;
  Eigen::Matrix3d rotation;  // R
};

}  // namespace smplceres
