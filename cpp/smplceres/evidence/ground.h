// The ground that the person stands on.
#pragma once

#include <memory>

#include "smplceres/body/body_model.h"
#include "smplceres/body/skinned_points.h"
#include "smplceres/terms/ground.h"

namespace smplceres {

struct Ground {
  // Throws std::invalid_argument for wrong sizes, numbers out of range and NaN.
  void Check(const BodyModel& model) const;

  std::shared_ptr<const SkinnedPoints> soles;  // FeetOnGround::kNumPoints
  GroundPlane plane;
};

}  // namespace smplceres
