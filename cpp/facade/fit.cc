#include "smplceres/fit.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>

#include "body_data.h"
#include "cameras.h"
#include "scenes.h"
#include "settings.h"
#include "smplceres/body/kinematics.h"
#include "smplceres/evidence/details.h"
#include "smplceres/fit/single/fit.h"
#include "smplceres/math/so3.h"
#include "smplceres/objective/presets.h"
#include "smplceres/raster/raster.h"

namespace smplceres {
namespace {

// Whether a body with fingers or an expression shows them in an image.
bool ShowsDetails(const Scene& scene) {
  if (scene.model->layout().num_further() == 0) return false;
  return std::any_of(scene.views.begin(), scene.views.end(), [](const View& view) {
    return ShowDetails(view.roles, view.confidence);
  });
}

std::vector<Stage> StagesOf(const std::string& preset, const Scene& scene) {
  if (preset == "whole-body" || (preset == "default" && ShowsDetails(scene))) return WholeBodyStages();
  if (preset == "default") return DefaultStages(false);
  if (preset == "smplify") return SmplifyStages();
  if (preset == "smplify-x") return SmplifyXStages();
  throw std::invalid_argument("preset: expected default, whole-body, smplify or smplify-x, got '" + preset +
                              "'");
}

FitOptions ToOptions(const FitSettings& settings, const Scene& scene, const Body::Data& data) {
  if (settings.starts < 0)
    throw std::invalid_argument("starts: expected 0 to 1000, got " + std::to_string(settings.starts));
  FitOptions options;
  options.stages = StagesOf(settings.preset, scene);
  options.start_pose = data.start_pose;
  options.sigma_px = settings.sigma_px;
  options.starts = settings.starts == 0 ? 1 : settings.starts;
  options.other_starts = settings.starts == 0;
  options.threads = NumThreads(settings.threads);
  options.max_time = settings.max_time;
  return options;
}

// K x 2 pixels: a view's keypoints projected from a posed body; NaN if the body has none.
Rows2 KeypointsOf(const BodyModel& model,
                  const View& view,
                  const BodyParameters& at,
                  const PinholeCamera& camera) {
  const Eigen::VectorXd shape = ShapeOf(model, at);
  Kinematics<double> kinematics;
  kinematics.Compute(
      model, Exp(at.global_orient.data()), at.body_pose.data(), shape.data(), at.transl.data());
  RowMatrix places(view.points->size(), 3);
  view.points->Evaluate(kinematics, shape.data(), places.data());
  const Rows2 pixels = camera.Project(places);
  Rows2 keypoints = Rows2::Constant(
      static_cast<Eigen::Index>(view.point_of_keypoint.size()), 2, std::numeric_limits<double>::quiet_NaN());
  for (size_t k = 0; k < view.point_of_keypoint.size(); ++k)
    if (view.point_of_keypoint[k] >= 0)
      keypoints.row(static_cast<Eigen::Index>(k)) = pixels.row(view.point_of_keypoint[k]);
  return keypoints;
}

}  // namespace

FitResult FitKeypoints(const Body& body,
                       const std::vector<Keypoints>& keypoints,
                       const std::vector<PinholeCamera>& cameras,
                       const FitSettings& settings) {
  const Scene scene = MakeScene(body.data(), keypoints, cameras, settings.betas);
  const Fit fit = FitBody(scene, ToOptions(settings, scene, body.data()), std::nullopt);
  FitResult result;
  static_cast<BodyParameters&>(result) = ParametersOf(fit.state.variables);
  result.joints = body.Joints(result);
  for (size_t i = 0; i < cameras.size(); ++i) {
    const PinholeCamera camera =
        Zoomed(cameras[i], fit.state.variables.log_zoom[static_cast<Eigen::Index>(i)]);
    result.keypoints2d.push_back(KeypointsOf(*scene.model, scene.views[i], result, camera));
    result.cameras.push_back(camera);
  }
  result.energies = fit.energies;
  result.converged = fit.converged;
  result.message = fit.message;
  result.num_starts = fit.num_starts;
  result.sigma_px = fit.sigma_px;
  return result;
}

FitResult FitKeypoints(const Body& body,
                       const Keypoints& keypoints,
                       const PinholeCamera& camera,
                       const FitSettings& settings) {
  return FitKeypoints(body, std::vector<Keypoints>{keypoints}, std::vector<PinholeCamera>{camera}, settings);
}

}  // namespace smplceres
