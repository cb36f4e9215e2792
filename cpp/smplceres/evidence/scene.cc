#include "smplceres/evidence/scene.h"

#include <algorithm>

#include "smplceres/body/parts.h"

namespace smplceres {

void Scene::Check() const {
  for (const View& view : views) view.Check(*model);
  if (points3d) points3d->Check(*model);
  if (person) person->Check(*model);
  if (ground) ground->Check(*model);
  for (const Cloud& cloud : clouds) cloud.Check();
}

bool Scene::DepthIsAmbiguous() const {
  const std::vector<size_t> used = ViewsWithKeypoints();
  return used.size() == 1 && !views[used[0]].mask && !points3d && clouds.empty() &&
         IsSmplTree(model->parents());
}

const LiftedBody* Scene::Prediction() const {
  return lifting != nullptr && DepthIsAmbiguous() ? lifting->Body() : nullptr;
}

bool Scene::CamerasMove() const {
  return std::any_of(views.begin(), views.end(), [](const View& view) { return PoseIsUnknown(view.camera); });
}

Eigen::VectorXd Scene::StartBetas() const {
  return person ? person->betas : Eigen::VectorXd(Eigen::VectorXd::Zero(model->num_betas()));
}

std::vector<size_t> Scene::ViewsWithKeypoints() const {
  std::vector<size_t> used;
  for (size_t v = 0; v < views.size(); ++v)
    if (!views[v].Visible().empty()) used.push_back(v);
  return used;
}

}  // namespace smplceres
