// The facade's camera as the core has it.
#pragma once

#include "smplceres/camera.h"
#include "smplceres/camera/pinhole.h"

namespace smplceres {

// Throws std::invalid_argument naming what is wrong.
Pinhole ToPinhole(const PinholeCamera& camera);

// With focal lengths times exp(log_zoom).
PinholeCamera Zoomed(PinholeCamera camera, double log_zoom);

}  // namespace smplceres
