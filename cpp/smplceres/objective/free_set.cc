#include "smplceres/objective/free_set.h"

#include <algorithm>
#include <functional>
#include <variant>

namespace smplceres {
namespace {

bool FreesScale(const Camera& camera) {
  const WeakPerspective* weak = std::get_if<WeakPerspective>(&camera);
  return weak != nullptr && !weak->scale_known;
}

void Or(const std::vector<bool>& other, std::vector<bool>* flags) {
  std::transform(other.begin(), other.end(), flags->begin(), flags->begin(), std::logical_or<>());
}

}  // namespace

bool FreesFocal(const Stage& stage, const Camera& camera) {
  const Pinhole* pinhole = std::get_if<Pinhole>(&camera);
  return stage.free_focal && pinhole != nullptr && !pinhole->focal_known;
}

bool FreesMotion(const Stage& stage, const Camera& camera) {
  return stage.free_cameras && PoseIsUnknown(camera);
}

FreeSet::FreeSet(const Stage& stage, const Scene& scene, const Variables& variables)
    : frame(static_cast<size_t>(variables.layout.size()), true),
      betas(stage.free_betas && !(scene.person && scene.person->betas_known)),
      num_betas(static_cast<int>(variables.betas.size())) {
  const auto hold = [&](int begin, int end) { std::fill(frame.begin() + begin, frame.begin() + end, false); };
  const FrameLayout& layout = variables.layout;
  if (!stage.free_global_orient) hold(layout.root(), layout.body_pose());
  if (!stage.free_body_pose) hold(layout.body_pose(), layout.transl());
  if (!stage.free_transl) hold(layout.transl(), layout.size());
  const bool knows_bounds = stage.solver.minimizer != Minimizer::kLbfgs;
  for (const View& view : scene.views) {
    const bool sees = !view.Visible().empty();
    const bool focal = sees && FreesFocal(stage, view.camera);
    zoom.push_back(focal || (sees && FreesScale(view.camera)));
    bounded_zoom.push_back(focal && knows_bounds);
    if (variables.has_motions()) motion.push_back(sees && FreesMotion(stage, view.camera));
  }
}

std::vector<bool> FreeSet::Columns() const {
  std::vector<bool> columns = frame;
  columns.insert(columns.end(), static_cast<size_t>(num_betas), betas);
  columns.insert(columns.end(), zoom.begin(), zoom.end());
  for (const bool is_free : motion) columns.insert(columns.end(), kMotionSize, is_free);
  return columns;
}

void FreeSet::AddShared(const FreeSet& other) {
  betas = betas || other.betas;
  Or(other.zoom, &zoom);
  Or(other.bounded_zoom, &bounded_zoom);
  Or(other.motion, &motion);
}

void FreeSet::HoldShared() {
  betas = false;
  for (std::vector<bool>* flags : {&zoom, &bounded_zoom, &motion}) flags->assign(flags->size(), false);
}

std::vector<int> FreeSet::HeldOfFrame() const {
  std::vector<int> held;
  for (size_t i = 0; i < frame.size(); ++i)
    if (!frame[i]) held.push_back(static_cast<int>(i));
  return held;
}

}  // namespace smplceres
