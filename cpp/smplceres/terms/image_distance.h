// A row of the silhouette terms: a distance in the image from a projected point to the mask.
//
//   r = factor sqrt(rho( (unit d)^2 )),     d = distance(Pi(p))
//
//   distance  pixels, of the term;  unit: residual units per pixel;  rho: robust function (math/robust.h)
//   Pi        projection by the camera with its zoom
//
// r has the sign of d.
#pragma once

#include <cmath>

#include "smplceres/math/robust.h"

namespace smplceres {

template <typename CameraModel>
struct ImageDistance {
  // distance: of a projected point, T[2] in pixels, to T. False if the camera does not project the point.
  template <typename T, typename Distance>
  bool operator()(const T* point, const T* log_zoom, const Distance& distance, T* residual) const {
    using std::exp;
    T uv[2];
    if (!camera.Project(point, T(exp(log_zoom[0])), uv)) return false;
    const T e = unit * distance(uv);
    *residual = factor * RobustFactor(robust, sigma, T(e * e)) * e;
    return true;
  }

  CameraModel camera;
  double factor;
  double unit;
  Robust robust;
  double sigma;
};

}  // namespace smplceres
