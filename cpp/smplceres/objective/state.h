// The state of a fit: its variables, and the initial position of the body.
#pragma once

#include <Eigen/Core>

#include "smplceres/camera/camera.h"
#include "smplceres/evidence/scene.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

// The position of the body before the first stage, to which the depth prior and the residual units refer.
struct InitialPlace {
  Eigen::Vector3d transl = Eigen::Vector3d::Zero();  // metres
  // Pixels per metre at the body's depth, per view; 0 if the body is not in front of the camera.
  Eigen::VectorXd pixels_per_metre;
};

struct State {
  Variables variables;
  InitialPlace place;
};

// A view's camera, with the camera motion of the variables applied if its pose is unknown.
Camera CameraAt(const Scene& scene, size_t view, const Variables& variables);

// The InitialPlace of a body with these variables.
InitialPlace PlaceOf(const Scene& scene, const Variables& variables);

}  // namespace smplceres
