// Where a fit stands: its variables, and where the body was placed before the first stage.
#pragma once

#include <Eigen/Core>

#include "smplceres/camera/camera.h"
#include "smplceres/evidence/scene.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

// Where the body was placed before the first stage: the depth prior and the residual units refer to it.
struct InitialPlace {
  Eigen::Vector3d transl = Eigen::Vector3d::Zero();  // metres
  // Pixels per metre at the body's depth in each view's image; 0 where that is not in front of the camera.
  Eigen::VectorXd pixels_per_metre;
};

struct State {
  Variables variables;
  InitialPlace place;
};

// A view's camera, moved by the variables' camera motion where its pose is unknown.
Camera CameraAt(const Scene& scene, size_t view, const Variables& variables);

// The place of a body at these variables: depth and scales as they are.
InitialPlace PlaceOf(const Scene& scene, const Variables& variables);

}  // namespace smplceres
