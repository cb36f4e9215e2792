// Conversion of the facade's camera to the core's.
#pragma once

#include "smplceres/camera.h"
#include "smplceres/camera/pinhole.h"

namespace smplceres {

// Throws std::invalid_argument for an invalid camera.
Pinhole ToPinhole(const PinholeCamera& camera);

// The camera with its focal lengths multiplied by exp(log_zoom).
PinholeCamera Zoomed(PinholeCamera camera, double log_zoom);

}  // namespace smplceres
