#include "smplceres/objective/objective.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "ceres/manifold.h"

namespace smplceres {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool Frees(const Stage& stage, const Slice& slice) {
  switch (slice.kind) {
    case SliceKind::kRoot:
      return stage.free_global_orient;
    case SliceKind::kRotations:
      return stage.free_body_pose;
    case SliceKind::kTranslation:
      return stage.free_transl;
    case SliceKind::kCoefficients:
      break;
  }
  return stage.free_body_pose &&
         std::count(stage.held_slices.begin(), stage.held_slices.end(), slice.name) == 0;
}

// Throws std::invalid_argument for a name that the body has no slice of.
void CheckHeld(const Stage& stage, const FrameLayout& layout) {
  std::string names;
  for (const Slice& slice : layout.slices())
    if (slice.kind == SliceKind::kCoefficients) names += (names.empty() ? "" : ", ") + slice.name;
  for (const std::string& name : stage.held_slices) {
    const auto has_name = [&](const Slice& slice) {
      return slice.kind == SliceKind::kCoefficients && slice.name == name;
    };
    if (std::none_of(layout.slices().begin(), layout.slices().end(), has_name))
      throw std::invalid_argument("held_slices: expected names of the body's further slices (" +
                                  (names.empty() ? "it has none" : names) + "), got " + name);
  }
}

}  // namespace

Objective::Objective(const Stage& stage, const Scene& scene, const State& state)
    : stage_(stage), layout_(state.variables.layout), terms_(MakeTermCosts(stage, scene, state)) {
  CheckHeld(stage, layout_);
  const Variables& variables = state.variables;
  if (scene.person && scene.person->betas_known) stage_.free_betas = false;
  for (int block = 0; block < variables.num_blocks(); ++block)
    block_sizes_.push_back(variables.block_size(block));
  for (const View& view : scene.views) {
    free_zoom_.push_back(FreesZoom(stage, view.camera) && !view.Visible().empty());
    free_focal_.push_back(free_zoom_.back() && std::holds_alternative<Pinhole>(view.camera));
    if (variables.has_motions())
      free_motion_.push_back(FreesMotion(stage, view.camera) && !view.Visible().empty());
  }
}

std::vector<int> Objective::HeldOfFrame() const {
  std::vector<int> held;
  for (const Slice& slice : layout_.slices())
    if (!Frees(stage_, slice))
      for (int i = slice.begin; i < slice.begin + slice.size; ++i) held.push_back(i);
  return held;
}

std::vector<bool> Objective::free_parameters() const {
  std::vector<bool> free(static_cast<size_t>(layout_.size()), true);
  for (const int i : HeldOfFrame()) free[static_cast<size_t>(i)] = false;
  free.insert(free.end(), static_cast<size_t>(block_sizes_[kBetas]), stage_.free_betas);
  free.insert(free.end(), free_zoom_.begin(), free_zoom_.end());
  for (const bool moves : free_motion_) free.insert(free.end(), kMotionSize, moves);
  return free;
}

bool Objective::CountsNow(const TermCost& term, SharedTerms* noted) {
  const bool of_frame = std::find(term.blocks.begin(), term.blocks.end(), kFrame) != term.blocks.end();
  return of_frame || noted->insert({term.name, term.blocks}).second;
}

void Objective::AddTo(ceres::Problem* problem, const std::vector<double*>& blocks, SharedTerms* added) const {
  for (size_t block = 0; block < blocks.size(); ++block)
    problem->AddParameterBlock(blocks[block], block_sizes_[block]);

  const std::vector<int> held = HeldOfFrame();
  if (static_cast<int>(held.size()) == layout_.size()) {
    problem->SetParameterBlockConstant(blocks[kFrame]);
  } else if (!held.empty()) {
    problem->SetManifold(blocks[kFrame], new ceres::SubsetManifold(layout_.size(), held));
  }
  if (!stage_.free_betas) problem->SetParameterBlockConstant(blocks[kBetas]);
  for (size_t v = 0; v < free_zoom_.size(); ++v) {
    double* zoom = blocks[kFirstZoom + v];
    if (!free_zoom_[v]) problem->SetParameterBlockConstant(zoom);
    if (free_focal_[v] && stage_.solver.minimizer != Minimizer::kLbfgs) {  // which knows no bounds
      problem->SetParameterLowerBound(zoom, 0, -std::log(kMostZoom));
      problem->SetParameterUpperBound(zoom, 0, std::log(kMostZoom));
    }
  }
  for (size_t v = 0; v < free_motion_.size(); ++v)
    if (!free_motion_[v]) problem->SetParameterBlockConstant(blocks[kFirstZoom + free_zoom_.size() + v]);

  for (const TermCost& term : terms_) {
    if (!CountsNow(term, added)) continue;
    std::vector<double*> parameters;
    for (const int block : term.blocks) parameters.push_back(blocks[static_cast<size_t>(block)]);
    problem->AddResidualBlock(term.cost.get(), nullptr, parameters);
  }
}

bool Objective::is_bounded() const {
  return std::find(free_focal_.begin(), free_focal_.end(), true) != free_focal_.end();
}

int Objective::num_residuals() const {
  int rows = 0;
  for (const TermCost& term : terms_) rows += term.cost->num_residuals();
  return rows;
}

int Objective::num_parameters() const { return std::accumulate(block_sizes_.begin(), block_sizes_.end(), 0); }

std::vector<std::pair<std::string, int>> Objective::rows() const {
  std::vector<std::pair<std::string, int>> rows;
  for (const TermCost& term : terms_)
    for (const int count : term.rows) rows.emplace_back(term.name, count);
  return rows;
}

bool Objective::Evaluate(const Variables& variables, Eigen::VectorXd* residuals, RowMatrix* jacobian) const {
  std::vector<int> columns(block_sizes_.size(), 0);
  std::partial_sum(block_sizes_.begin(), block_sizes_.end() - 1, columns.begin() + 1);
  residuals->setConstant(num_residuals(), kNaN);
  if (jacobian != nullptr) jacobian->setZero(num_residuals(), num_parameters());

  int row = 0;
  for (const TermCost& term : terms_) {
    const int rows = term.cost->num_residuals();
    std::vector<const double*> parameters;
    for (const int block : term.blocks) parameters.push_back(variables.block(block));
    std::vector<RowMatrix> block_jacobians;
    std::vector<double*> block_pointers;
    if (jacobian != nullptr)
      for (const int block : term.blocks)
        block_jacobians.push_back(RowMatrix::Constant(rows, variables.block_size(block), kNaN));
    for (RowMatrix& block : block_jacobians) block_pointers.push_back(block.data());
    if (!term.cost->Evaluate(parameters.data(),
                             residuals->data() + row,
                             jacobian != nullptr ? block_pointers.data() : nullptr))
      return false;
    if (jacobian != nullptr)
      for (size_t i = 0; i < term.blocks.size(); ++i)
        jacobian->block(
            row, columns[static_cast<size_t>(term.blocks[i])], rows, variables.block_size(term.blocks[i])) =
            block_jacobians[i];
    row += rows;
  }
  return true;
}

std::map<std::string, double> Objective::Energies(const Variables& variables, SharedTerms* counted) const {
  std::map<std::string, double> energies;
  Eigen::VectorXd residuals;
  if (!Evaluate(variables, &residuals, nullptr)) return energies;
  int row = 0;
  for (const TermCost& term : terms_) {
    const int rows = term.cost->num_residuals();
    if (CountsNow(term, counted)) energies[term.name] += residuals.segment(row, rows).squaredNorm();
    row += rows;
  }
  return energies;
}

}  // namespace smplceres
