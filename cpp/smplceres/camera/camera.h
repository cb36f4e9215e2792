// Any camera that a fit supports.
#pragma once

#include <variant>

#include "smplceres/camera/camera_motion.h"
#include "smplceres/camera/pinhole.h"
#include "smplceres/camera/weak_perspective.h"

namespace smplceres {

using Camera = std::variant<Pinhole, WeakPerspective>;

inline const CamFromWorld& Extrinsics(const Camera& camera) {
  return std::visit([](const auto& c) -> const CamFromWorld& { return c.cam_from_world; }, camera);
}

// Whether a fit estimates the camera's motion.
inline bool PoseIsUnknown(const Camera& camera) {
  const Pinhole* pinhole = std::get_if<Pinhole>(&camera);
  return pinhole != nullptr && !pinhole->pose_known;
}

// The camera after a motion (6 numbers, camera_motion.h).
inline Camera Moved(Camera camera, const double* motion) {
  std::visit([&](auto& c) { c.cam_from_world = Moved(c.cam_from_world, motion); }, camera);
  return camera;
}

}  // namespace smplceres
