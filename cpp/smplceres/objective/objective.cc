#include "smplceres/objective/objective.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

#include "ceres/manifold.h"

namespace smplceres {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Objective::Objective(const Stage& stage, const Scene& scene, const State& state)
    : free_(stage, scene, state.variables), terms_(MakeTermCosts(stage, scene, state)) {
  for (int block = 0; block < state.variables.num_blocks(); ++block)
    block_sizes_.push_back(state.variables.block_size(block));
}

bool Objective::IsFirstUse(const TermCost& term, SharedTerms* shared_terms) {
  const bool depends_on_frame =
      std::find(term.blocks.begin(), term.blocks.end(), kFrame) != term.blocks.end();
  return depends_on_frame || shared_terms->insert({term.term, term.blocks}).second;
}

void Objective::AddTo(ceres::Problem* problem,
                      const std::vector<double*>& blocks,
                      const FreeSet& free,
                      SharedTerms* shared_terms) const {
  for (size_t block = 0; block < blocks.size(); ++block)
    problem->AddParameterBlock(blocks[block], block_sizes_[block]);

  const std::vector<int> held = free.HeldFrameColumns();
  if (static_cast<int>(held.size()) == block_sizes_[kFrame]) {
    problem->SetParameterBlockConstant(blocks[kFrame]);
  } else if (!held.empty()) {
    problem->SetManifold(blocks[kFrame], new ceres::SubsetManifold(block_sizes_[kFrame], held));
  }
  if (!free.betas) problem->SetParameterBlockConstant(blocks[kBetas]);
  const size_t num_views = free.zoom.size();
  for (size_t v = 0; v < num_views; ++v) {
    double* zoom = blocks[kFirstZoom + v];
    if (!free.zoom[v]) problem->SetParameterBlockConstant(zoom);
    if (free.bounded_zoom[v]) {
      problem->SetParameterLowerBound(zoom, 0, -std::log(kMaxZoom));
      problem->SetParameterUpperBound(zoom, 0, std::log(kMaxZoom));
    }
  }
  for (size_t v = 0; v < free.motion.size(); ++v)
    if (!free.motion[v]) problem->SetParameterBlockConstant(blocks[kFirstZoom + num_views + v]);

  for (const TermCost& term : terms_) {
    if (!IsFirstUse(term, shared_terms)) continue;
    std::vector<double*> parameters;
    for (const int block : term.blocks) parameters.push_back(blocks[static_cast<size_t>(block)]);
    problem->AddResidualBlock(term.cost.get(), nullptr, parameters);
  }
}

bool Objective::is_bounded() const {
  return std::find(free_.bounded_zoom.begin(), free_.bounded_zoom.end(), true) != free_.bounded_zoom.end();
}

int Objective::num_residuals() const {
  int rows = 0;
  for (const TermCost& term : terms_) rows += term.cost->num_residuals();
  return rows;
}

int Objective::num_parameters() const { return std::accumulate(block_sizes_.begin(), block_sizes_.end(), 0); }

std::vector<std::pair<const TermInfo*, int>> Objective::rows() const {
  std::vector<std::pair<const TermInfo*, int>> rows;
  for (const TermCost& term : terms_)
    for (const int count : term.rows) rows.emplace_back(term.term, count);
  return rows;
}

std::vector<Eigen::Index> Objective::RowsOf(const TermInfo& term) const {
  std::vector<Eigen::Index> rows;
  Eigen::Index begin = 0;
  for (const TermCost& cost : terms_) {
    const Eigen::Index end = begin + cost.cost->num_residuals();
    if (cost.term == &term)
      for (Eigen::Index row = begin; row < end; ++row) rows.push_back(row);
    begin = end;
  }
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

std::map<std::string, double> Objective::Energies(const Variables& variables,
                                                  SharedTerms* shared_terms) const {
  std::map<std::string, double> energies;
  Eigen::VectorXd residuals;
  if (!Evaluate(variables, &residuals, nullptr)) return energies;
  int row = 0;
  for (const TermCost& term : terms_) {
    const int rows = term.cost->num_residuals();
    if (IsFirstUse(term, shared_terms))
      energies[term.term->name] += residuals.segment(row, rows).squaredNorm();
    row += rows;
  }
  return energies;
}

}  // namespace smplceres
