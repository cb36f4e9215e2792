#include "smplceres/evidence/ground.h"

#include <cmath>
#include <stdexcept>
#include <string>

#include "smplceres/base/check.h"

namespace smplceres {

void Ground::Check(const BodyModel& model) const {
  soles->CheckBody(model);
  if (soles->size() != FeetOnGround::kNumPoints)
    throw std::invalid_argument("soles: expected " + std::to_string(FeetOnGround::kNumPoints) +
                                " points, got " + std::to_string(soles->size()));
  if (!plane.normal.allFinite() || !(std::abs(plane.normal.norm() - 1.0) < 1e-6))
    throw std::invalid_argument("normal: expected a vector of length 1, got one of length " +
                                std::to_string(plane.normal.norm()));
  CheckRange("offset", plane.offset, -1e6, 1e6);
  CheckPositive("sigma", plane.sigma);
}

}  // namespace smplceres
