// The mask of a person in an image: the smooth signed distance to its outline, and points of the outline.
//
//   s(u, v) = sum_ij B(u - j) B(v - i) d_ij
//
//   d_ij   signed distance at pixel (column j, row i): D - 1/2 outside the person, with D the distance to the
//          nearest pixel of the person; -(D - 1/2) inside, with D to the nearest other pixel (pixels; at
//          least -kMaxDepth)
//   B      cubic B-spline: s has two continuous derivatives, equals d where d is linear and cuts corners of
//          d by 1/3 px at most
//
// s = 0 is the outline, between the centres of pixels. Outside the image nothing is observed: s is that of
// the nearest position inside, so that a body that the border cuts off is not pulled inwards. The border is
// not part of the outline.
#pragma once

#include <Eigen/Core>

#include "smplceres/body/body_model.h"
#include "smplceres/math/distance_transform.h"

namespace smplceres {

class Mask {
 public:
  // Throws std::invalid_argument for a mask without a pixel of the person.
  explicit Mask(const Pixels& person);

  int width() const { return static_cast<int>(distance_.cols()); }
  int height() const { return static_cast<int>(distance_.rows()); }

  struct Sample {
    double value;  // pixels, > 0 outside
    Eigen::Vector2d gradient;
  };
  // NaN for NaN.
  Sample SignedDistance(double u, double v) const;

  // Points spread evenly along the outline (C x 2, pixels) and outward unit normals (C x 2). There are at
  // most kContourPoints, at least a pixel apart and none on the border of the image.
  const RowMatrix& contour() const { return contour_; }
  const RowMatrix& normals() const { return normals_; }

  static constexpr int kContourPoints = 300;
  static constexpr float kMaxDepth = 8.0f;  // pixels

 private:
  void SampleContour(const Pixels& person);

  DistanceImage distance_;
  RowMatrix contour_, normals_;
};

}  // namespace smplceres
