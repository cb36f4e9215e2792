// A state given with a scene.
#pragma once

#include "bindings/arrays.h"
#include "smplceres/objective/state.h"

namespace smplceres::bindings {

// Throws std::invalid_argument unless the state has the sizes of the scene's body and views.
inline void Check(const State& state, const Scene& scene) {
  state.variables.Check(*scene.model, scene.views.size());
}

}  // namespace smplceres::bindings
