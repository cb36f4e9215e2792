// Any camera that a fit can have.
#pragma once

#include <variant>

#include "smplceres/camera/pinhole.h"
#include "smplceres/camera/weak_perspective.h"

namespace smplceres {

using Camera = std::variant<Pinhole, WeakPerspective>;

inline const CamFromWorld& Extrinsics(const Camera& camera) {
  return std::visit([](const auto& c) -> const CamFromWorld& { return c.cam_from_world; }, camera);
}

}  // namespace smplceres
