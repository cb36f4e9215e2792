// Fits one body: runs all stages from several initial estimates and keeps the solution of minimum cost.
#pragma once

#include <optional>

#include "smplceres/fit/single/run_stages.h"

namespace smplceres {

// A pure function of its inputs. `initial`, if given, replaces initialisation and starts. Throws
// std::invalid_argument for inputs that cannot be fitted, including an `initial` behind the camera; a fit
// that does not converge is not an error.
Fit FitBody(const Scene& scene, const FitOptions& options, const std::optional<Variables>& initial);

}  // namespace smplceres
