#include "smplceres/objective/free_set.h"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
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

bool IsFree(const Stage& stage, const Slice& slice) {
  switch (slice.kind) {
    case SliceKind::kRoot:
      return stage.free_global_orient;
    case SliceKind::kRotations:
      return stage.free_body_pose;
    case SliceKind::kTranslation:
      return stage.free_transl;
    case SliceKind::kComponents:
    case SliceKind::kCoefficients:
      break;
  }
  return stage.free_body_pose && stage.free_further &&
         std::count(stage.held_slices.begin(), stage.held_slices.end(), slice.name) == 0;
}

// Throws std::invalid_argument for a name that is no slice of the body.
void CheckHeld(const Stage& stage, const FrameLayout& layout) {
  std::string names;
  for (const Slice& slice : layout.slices())
    if (slice.is_further()) names += (names.empty() ? "" : ", ") + slice.name;
  for (const std::string& name : stage.held_slices) {
    const auto has_name = [&](const Slice& slice) { return slice.is_further() && slice.name == name; };
    if (std::none_of(layout.slices().begin(), layout.slices().end(), has_name))
      throw std::invalid_argument("held_slices: expected names of the body's further slices (" +
                                  (names.empty() ? "it has none" : names) + "), got " + name);
  }
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
  CheckHeld(stage, variables.layout);
  for (const Slice& slice : variables.layout.slices())
    if (!IsFree(stage, slice)) std::fill_n(frame.begin() + slice.begin, slice.size, false);
  const bool supports_bounds = stage.solver.minimizer != Minimizer::kLbfgs;
  for (const View& view : scene.views) {
    const bool is_used = !view.Visible().empty();
    const bool focal = is_used && FreesFocal(stage, view.camera);
    zoom.push_back(focal || (is_used && FreesScale(view.camera)));
    bounded_zoom.push_back(focal && supports_bounds);
    if (variables.has_motions()) motion.push_back(is_used && FreesMotion(stage, view.camera));
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

std::vector<int> FreeSet::HeldFrameColumns() const {
  std::vector<int> held;
  for (size_t i = 0; i < frame.size(); ++i)
    if (!frame[i]) held.push_back(static_cast<int>(i));
  return held;
}

}  // namespace smplceres
