// Extrinsics of a camera: p_cam = R p_world + t (camera frame: x right, y down, z forward; metres).
#pragma once

#include <Eigen/Core>

namespace smplceres {

struct CamFromWorld {
  Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity();
  Eigen::Vector3d translation = Eigen::Vector3d::Zero();

  template <typename T>
  Eigen::Matrix<T, 3, 1> operator()(const T* point) const {
    Eigen::Matrix<T, 3, 1> p;
    for (int i = 0; i < 3; ++i)
      p[i] =
          rotation(i, 0) * point[0] + rotation(i, 1) * point[1] + rotation(i, 2) * point[2] + translation[i];
    return p;
  }
};

}  // namespace smplceres
