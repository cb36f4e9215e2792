// Where a person is in a picture: the signed distance to the outline, at any place and smooth, and points
// of the outline.
//
//   s(u, v) = sum_ij B(u - j) B(v - i) d_ij
//
//   d_ij   of pixel (column j, row i): D - 1/2 outside the person, D to the nearest pixel of the person;
//          -(D - 1/2) inside, D to the nearest pixel beside it (pixels; at least -kDeepest)
//   B      cubic B-spline: s has two continuous derivatives, equals d where d is linear and cuts corners of
//          d by 1/3 px at most
//
// s = 0 is the outline, between the centres of pixels. Beyond the border of the picture nothing is known: s
// there is that of the nearest place in the picture, so that nothing pulls inwards what the border cuts off,
// and the border is no outline.
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
  Sample SignedDistance(double u, double v) const;

  // Spread evenly along the outline, at most kContourPoints and no closer than a pixel: C x 2, pixels, and
  // unit normals outwards, C x 2. None on the border of the picture.
  const RowMatrix& contour() const { return contour_; }
  const RowMatrix& normals() const { return normals_; }

  static constexpr int kContourPoints = 300;
  static constexpr float kDeepest = 8.0f;  // pixels

 private:
  void SampleContour(const Pixels& person);

  DistanceImage distance_;
  RowMatrix contour_, normals_;
};

}  // namespace smplceres
