// The fit: starts, each through all stages, the cheapest kept.
#pragma once

#include <optional>

#include "smplceres/fit/single/run_stages.h"

namespace smplceres {

// A pure function of its inputs. `initial`, where given, replaces initialisation and starts.
// Throws std::invalid_argument for inputs that cannot be fitted, `initial` behind the camera among them; a
// fit that does not converge is no error.
Fit FitBody(const Scene& scene, const FitOptions& options, const std::optional<Variables>& initial);

}  // namespace smplceres
