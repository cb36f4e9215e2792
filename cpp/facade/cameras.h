// The facade's camera as the core has it.
#pragma once

#include "smplceres/camera.h"
#include "smplceres/camera/pinhole.h"

namespace smplceres {

// Throws std::invalid_argument naming what is wrong.
Pinhole ToPinhole(const PinholeCamera& camera);

}  // namespace smplceres
