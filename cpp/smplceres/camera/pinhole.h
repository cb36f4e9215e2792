// Pinhole camera with Brown-Conrady distortion, OpenCV's model:
//
//   x = X / Z,  y = Y / Z,  r2 = x^2 + y^2
//   g = (1 + k1 r2 + k2 r2^2 + k3 r2^3) / (1 + k4 r2 + k5 r2^2 + k6 r2^3)
//   u = zoom fx (g x + 2 p1 x y + p2 (r2 + 2 x^2)) + cx
//   v = zoom fy (g y + p1 (r2 + 2 y^2) + 2 p2 x y) + cy
//
// Pixels, pixel centres at integers. `zoom` scales both focal lengths; it is 1 when they are known.
#pragma once

#include <array>

#include "smplceres/camera/cam_from_world.h"

namespace smplceres {

struct Pinhole {
  double fx = 0.0, fy = 0.0, cx = 0.0, cy = 0.0;
  std::array<double, 8> distortion = {};  // k1 k2 p1 p2 k3 k4 k5 k6
  CamFromWorld cam_from_world;
  bool focal_known = true;       // if false, fx and fy are an initial estimate, and a fit estimates the zoom
  double log_focal_sigma = 0.5;  // standard deviation of log zoom
  // If false, cam_from_world is an initial estimate, and a fit estimates the camera's motion
  // (camera_motion.h), with these standard deviations on each axis of its rotation (radians) and its centre
  // (metres).
  bool pose_known = true;
  double rotation_sigma = 0.05, centre_sigma = 0.05;

  // Depth (m) from which a point counts as in front of the camera.
  static constexpr double kMinDepth = 0.01;

  template <typename T>
  bool InFront(const T* world_point) const {
    return cam_from_world(world_point)[2] > kMinDepth;
  }

  // False, with uv unwritten, for a point that is not in front of the camera.
  template <typename T>
  bool Project(const T* world_point, const T& zoom, T* uv) const {
    const Eigen::Matrix<T, 3, 1> p = cam_from_world(world_point);
    if (!(p[2] > kMinDepth)) return false;
    const T inverse_depth = 1.0 / p[2];
    T x = p[0] * inverse_depth, y = p[1] * inverse_depth;
    if (distorted()) Distort(&x, &y);
    uv[0] = zoom * fx * x + cx;
    uv[1] = zoom * fy * y + cy;
    return true;
  }

  // Normalised image coordinates (x, y) = (X, Y) / Z of a pixel. Fixed-point iteration removes the
  // distortion, to 1e-8 for ordinary lenses; used for initial estimates only.
  Eigen::Vector2d Normalise(const Eigen::Vector2d& pixel) const {
    const Eigen::Vector2d distorted_xy((pixel.x() - cx) / fx, (pixel.y() - cy) / fy);
    Eigen::Vector2d xy = distorted_xy;
    if (!distorted()) return xy;
    for (int i = 0; i < 20; ++i) {
      double x = xy.x(), y = xy.y();
      Distort(&x, &y);
      xy += distorted_xy - Eigen::Vector2d(x, y);
    }
    return xy.allFinite() ? xy : distorted_xy;
  }

  bool distorted() const {
    for (const double k : distortion)
      if (k != 0.0) return true;
    return false;
  }

 private:
  template <typename T>
  void Distort(T* px, T* py) const {
    const auto& [k1, k2, p1, p2, k3, k4, k5, k6] = distortion;
    const T x = *px, y = *py;
    const T r2 = x * x + y * y;
    const T g = (1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1.0 + r2 * (k4 + r2 * (k5 + r2 * k6)));
    *px = g * x + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x);
    *py = g * y + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y;
  }
};

}  // namespace smplceres
