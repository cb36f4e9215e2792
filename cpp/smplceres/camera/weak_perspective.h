// Weak perspective (scaled orthographic) camera: every point is projected as if at the person's mean depth.
//
//   u = zoom s X + cx,     v = zoom s Y + cy
//
// s is in pixels per metre; (X, Y) are camera coordinates. Depth has no effect, so no point is behind the
// camera.
#pragma once

#include "smplceres/camera/cam_from_world.h"

namespace smplceres {

struct WeakPerspective {
  double scale = 1.0, cx = 0.0, cy = 0.0;
  bool scale_known = true;  // if false, a fit estimates the zoom
  CamFromWorld cam_from_world;

  template <typename T>
  bool InFront(const T*) const {
    return true;
  }

  template <typename T>
  bool Project(const T* world_point, const T& zoom, T* uv) const {
    const Eigen::Matrix<T, 3, 1> p = cam_from_world(world_point);
    uv[0] = zoom * scale * p[0] + cx;
    uv[1] = zoom * scale * p[1] + cy;
    return true;
  }

  // (X, Y) in metres at zoom 1.
  Eigen::Vector2d Normalise(const Eigen::Vector2d& pixel) const {
    return {(pixel.x() - cx) / scale, (pixel.y() - cy) / scale};
  }
};

}  // namespace smplceres
