#include "smplceres/objective/state.h"

#include <cmath>
#include <variant>

namespace smplceres {

Camera CameraAt(const Scene& scene, size_t view, const Variables& variables) {
  const Camera& camera = scene.views[view].camera;
  return PoseIsUnknown(camera) ? Moved(camera, variables.motion(static_cast<int>(view))) : camera;
}

InitialPlace PlaceOf(const Scene& scene, const Variables& variables) {
  InitialPlace place;
  place.transl = variables.Transl();
  place.pixels_per_metre = Eigen::VectorXd::Zero(variables.log_zoom.size());
  const Eigen::Vector3d root = variables.Transl() + scene.model->RestJoint(0, variables.Shape());
  for (size_t v = 0; v < scene.views.size(); ++v) {
    const Camera camera = CameraAt(scene, v, variables);
    double& pixels_per_metre = place.pixels_per_metre[static_cast<Eigen::Index>(v)];
    if (const Pinhole* pinhole = std::get_if<Pinhole>(&camera)) {
      const double depth = pinhole->cam_from_world(root.data()).z();
      if (depth > Pinhole::kMinDepth) pixels_per_metre = std::sqrt(pinhole->fx * pinhole->fy) / depth;
    } else {
      pixels_per_metre = std::get<WeakPerspective>(camera).scale *
                         std::exp(variables.log_zoom[static_cast<Eigen::Index>(v)]);
    }
  }
  return place;
}

}  // namespace smplceres
