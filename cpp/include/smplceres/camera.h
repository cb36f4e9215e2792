// Cameras, in OpenCV's conventions: x right, y down, z forward; pixel centres at integers.
#pragma once

#include <Eigen/Core>
#include <array>

#include "smplceres/body.h"
#include "smplceres/export.h"

namespace smplceres {

// Pinhole camera with Brown-Conrady distortion. p_cam = rotation p_world + translation.
struct PinholeCamera {
  double fx = 0.0, fy = 0.0, cx = 0.0, cy = 0.0;  // pixels
  std::array<double, 8> distortion = {};          // k1 k2 p1 p2 k3 k4 k5 k6
  Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity();
  Eigen::Vector3d translation = Eigen::Vector3d::Zero();  // metres
  bool focal_known = true;                                // if false, a fit estimates a factor on fx and fy
  bool focal_guessed = false;                             // if true, predictions of poses do not rely on them

  // A guess for an image of unknown origin, with the image's diagonal as focal length.
  SMPLCERES_EXPORT static PinholeCamera Guess(int width, int height);
  // N x 2 pixels; NaN for points that are not in front of the camera. Throws
  // std::invalid_argument for an invalid camera.
  SMPLCERES_EXPORT Rows2 Project(const Rows3& points) const;
};

}  // namespace smplceres
