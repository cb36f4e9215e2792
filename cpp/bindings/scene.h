// A scene and the initial position of the body, from NumPy.
#pragma once

#include <memory>

#include "arrays.h"
#include "smplceres/evidence/scene.h"
#include "smplceres/objective/state.h"

namespace smplceres::bindings {

inline Scene WithPriors(Scene scene,
                        const PosePrior& pose_prior,
                        std::shared_ptr<const JointLimits> joint_limits) {
  scene.priors = {pose_prior, std::move(joint_limits)};
  return scene;
}

inline InitialPlace ToPlace(const Scene& scene, const Array& initial_transl, const Array& pixels_per_metre) {
  const auto views = static_cast<py::ssize_t>(scene.views.size());
  return {ToFiniteVector("initial_transl", initial_transl, 3),
          ToFiniteVector("pixels_per_metre", pixels_per_metre, views)};
}

}  // namespace smplceres::bindings
