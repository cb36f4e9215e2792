#include "smplceres/camera.h"

#include <Eigen/LU>
#include <cmath>
#include <stdexcept>
#include <string>

#include "cameras.h"
#include "smplceres/base/check.h"
#include "smplceres/raster/raster.h"

namespace smplceres {
namespace {

void CheckNumber(const char* name, double value) {
  if (!std::isfinite(value))
    throw std::invalid_argument(std::string(name) + ": expected a finite number, got NaN or infinity");
}

}  // namespace

Pinhole ToPinhole(const PinholeCamera& camera) {
  CheckPositive("fx", camera.fx);
  CheckPositive("fy", camera.fy);
  CheckNumber("cx", camera.cx);
  CheckNumber("cy", camera.cy);
  for (const double k : camera.distortion) CheckNumber("distortion", k);
  const Eigen::Matrix3d& R = camera.rotation;
  if (!R.allFinite() || !(R * R.transpose()).isIdentity(1e-6) || R.determinant() < 0.0)
    throw std::invalid_argument("rotation: expected a rotation matrix (R R^T = I, det R = 1)");
  if (!camera.translation.allFinite())
    throw std::invalid_argument("translation: expected finite numbers, got NaN or infinity");
  Pinhole pinhole;
  pinhole.fx = camera.fx;
  pinhole.fy = camera.fy;
  pinhole.cx = camera.cx;
  pinhole.cy = camera.cy;
  pinhole.distortion = camera.distortion;
  pinhole.cam_from_world = {camera.rotation, camera.translation};
  pinhole.focal_known = camera.focal_known;
  return pinhole;
}

PinholeCamera Zoomed(PinholeCamera camera, double log_zoom) {
  const double zoom = std::exp(log_zoom);
  camera.fx *= zoom;
  camera.fy *= zoom;
  return camera;
}

PinholeCamera PinholeCamera::Guess(int width, int height) {
  CheckPositive("width", width);
  CheckPositive("height", height);
  PinholeCamera camera;
  camera.fx = camera.fy = std::hypot(width, height);
  camera.cx = (width - 1) / 2.0;
  camera.cy = (height - 1) / 2.0;
  camera.focal_guessed = true;
  return camera;
}

Rows2 PinholeCamera::Project(const Rows3& points) const {
  return smplceres::Project(ToPinhole(*this), 1.0, points).uv;
}

}  // namespace smplceres
