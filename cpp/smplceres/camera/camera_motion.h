// A correction of a camera's given pose. The motion m = [ w 3 | s 3 ] rotates the camera about its centre and
// translates the centre:
//
//   x_cam = exp(w) ( R (p - s) + t )
//
//   R, t   cam_from_world as given, with centre C = -R^T t;  the centre moves to C + s
//   w      rotation vector (radians, camera axes);  s (metres, world axes)
//
// It is applied to points rather than to the camera: the moved camera sees p where the given camera sees
//
//   p' = R^T ( x_cam - t ),      dp'/dp = R^T exp(w) R,   dp'/ds = -dp'/dp,   dp'/dw = -R^T [x_cam]_x J_l(w),
//
// so that terms do not depend on the motion explicitly.
#pragma once

#include <Eigen/Core>

#include "smplceres/camera/cam_from_world.h"
#include "smplceres/math/so3.h"

namespace smplceres {

constexpr int kMotionSize = 6;

// p' of a point; motion: 6 numbers.
template <typename T>
Eigen::Matrix<T, 3, 1> EquivalentPoint(const CamFromWorld& given, const T* motion, const T* point) {
  const T shifted[3] = {point[0] - motion[3], point[1] - motion[4], point[2] - motion[5]};
  const Eigen::Matrix<T, 3, 1> in_camera = Exp(motion) * given(shifted);
  return given.rotation.transpose().cast<T>() * (in_camera - given.translation.cast<T>());
}

// dp'/dp.
inline Eigen::Matrix3d EquivalentByPoint(const CamFromWorld& given, const double* motion) {
  return given.rotation.transpose() * Exp(motion) * given.rotation;
}

// dp'/dm at a point.
inline Eigen::Matrix<double, 3, kMotionSize> EquivalentByMotion(const CamFromWorld& given,
                                                                const double* motion,
                                                                const double* point) {
  const Eigen::Vector3d w(motion), s(motion + 3);
  const Eigen::Vector3d shifted = Eigen::Vector3d(point) - s;
  Eigen::Matrix<double, 3, kMotionSize> derivative;
  derivative.leftCols<3>() =
      -given.rotation.transpose() * Skew(Exp(w) * given(shifted.data())) * LeftJacobian(w);
  derivative.rightCols<3>() = -EquivalentByPoint(given, motion);
  return derivative;
}

// The extrinsics after a motion.
inline CamFromWorld Moved(const CamFromWorld& given, const double* motion) {
  const Eigen::Matrix3d rotation = Exp(motion);
  const Eigen::Map<const Eigen::Vector3d> s(motion + 3);
  return {rotation * given.rotation, rotation * (given.translation - given.rotation * s)};
}

}  // namespace smplceres
