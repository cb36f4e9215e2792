#include "smplceres/equations/body_equations.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "smplceres/cost/supported_cost.h"
#include "smplceres/terms/priors/focal_prior.h"

namespace smplceres {
namespace {

// A chain of at least this many rows is multiplied as a matrix, which then is faster than column by column.
constexpr Eigen::Index kManyRows = 32;

}  // namespace

BodyEquations::BodyEquations(const Objective& objective, const Variables& variables)
    : BodyEquations(objective, variables, objective.free(), [](const TermCost&) { return true; }) {}

BodyEquations::BodyEquations(const Objective& objective,
                             const Variables& variables,
                             const FreeSet& free,
                             const std::function<bool(const TermCost&)>& includes)
    : variables_(variables) {
  const std::vector<bool> is_free = free.Columns();
  const std::vector<double*> pointers = variables_.blocks();
  size_t column = 0;
  for (size_t b = 0; b < pointers.size(); ++b) {
    Block block;
    block.size = variables_.block_size(static_cast<int>(b));
    block.first = num_parameters();
    for (int i = 0; i < block.size; ++i) {
      if (!is_free[column++]) continue;
      block.free.push_back(i);
      free_.push_back(pointers[b] + i);
    }
    blocks_.push_back(std::move(block));
  }

  for (int view = 0; view < variables_.num_views(); ++view) {
    const Block& zoom = blocks_[static_cast<size_t>(variables_.zoom_block(view))];
    if (free.bounded_zoom[static_cast<size_t>(view)]) bounded_.push_back(zoom.first);
  }

  int rows = 0, columns = 0, max_rows = 0;
  size_t max_blocks = 0;
  for (const TermCost& each : objective.terms()) {
    if (!includes(each)) continue;
    Term term{each.term, each.cost.get(), nullptr, each.blocks, ChainsOf(each), rows, columns};
    const int num_rows = each.cost->num_residuals();
    num_residuals_ += num_rows;
    max_rows = std::max(max_rows, num_rows);
    max_blocks = std::max(max_blocks, each.blocks.size());
    if (each.blocks.size() == 1) term.normal = dynamic_cast<const NormalCost*>(term.cost);
    if (term.normal == nullptr) rows += num_rows;
    if (term.normal == nullptr && term.chains.empty()) columns += num_rows;
    terms_.push_back(std::move(term));
  }
  transposed_jacobian_.setZero(num_parameters(), columns);
  residuals_.resize(rows);
  unused_.resize(max_rows);
  block_jacobians_.resize(max_blocks);
  jacobian_pointers_.resize(max_blocks);
  parameters_.resize(max_blocks);
}

std::vector<BodyEquations::Chain> BodyEquations::ChainsOf(const TermCost& term) const {
  const auto* supported = dynamic_cast<const SupportedCost*>(term.cost.get());
  if (supported == nullptr) return {};
  std::vector<RowSupport> supports = supported->Supports();
  std::stable_sort(supports.begin(), supports.end(), [](const RowSupport& a, const RowSupport& b) {
    return a.columns.size() > b.columns.size();
  });
  // Rows join the first chain whose columns include theirs: a shoulder's join the arm's, a hip's the leg's.
  std::vector<Chain> chains;
  std::vector<const std::vector<int>*> columns_of_chain;
  for (const RowSupport& support : supports) {
    const auto has_all = [&](const std::vector<int>* columns) {
      return std::includes(columns->begin(), columns->end(), support.columns.begin(), support.columns.end());
    };
    const auto found = std::find_if(columns_of_chain.begin(), columns_of_chain.end(), has_all);
    const size_t number = static_cast<size_t>(found - columns_of_chain.begin());
    if (found == columns_of_chain.end()) {
      columns_of_chain.push_back(&support.columns);
      chains.emplace_back();
    }
    for (int row = 0; row < support.count; ++row) chains[number].rows.push_back(support.row + row);
  }
  for (size_t c = 0; c < chains.size(); ++c) {
    for (size_t i = 0; i < term.blocks.size(); ++i) {
      const Block& block = blocks_[static_cast<size_t>(term.blocks[i])];
      for (size_t k = 0; k < block.free.size(); ++k) {
        const int column = block.free[k];
        if (i == 0 && !std::binary_search(columns_of_chain[c]->begin(), columns_of_chain[c]->end(), column))
          continue;
        chains[c].parameters.push_back(block.first + static_cast<int>(k));
        chains[c].columns.emplace_back(static_cast<int>(i), column);
      }
    }
  }
  return chains;
}

Eigen::VectorXd BodyEquations::Start() const {
  Eigen::VectorXd x(num_parameters());
  for (Eigen::Index i = 0; i < x.size(); ++i) x[i] = *free_[static_cast<size_t>(i)];
  return x;
}

const Variables& BodyEquations::At(const Eigen::VectorXd& x) {
  for (Eigen::Index i = 0; i < x.size(); ++i) *free_[static_cast<size_t>(i)] = x[i];
  return variables_;
}

const double* const* BodyEquations::ParametersOf(const Term& term) {
  for (size_t i = 0; i < term.blocks.size(); ++i) parameters_[i] = variables_.block(term.blocks[i]);
  return parameters_.data();
}

std::map<std::string, double> BodyEquations::EnergiesOf(const Evaluated& evaluated) const {
  std::map<std::string, double> energies;
  for (size_t i = 0; i < evaluated.costs.size(); ++i)
    energies[terms_[i].term->name] += 2.0 * evaluated.costs[i];
  return energies;
}

std::map<std::string, double> BodyEquations::InitialEnergies() const { return EnergiesOf(first_); }

std::map<std::string, double> BodyEquations::EnergiesAt(const Eigen::VectorXd& x) {
  for (const Evaluated* known : {&last_cost_, &last_linearized_})
    if (!known->costs.empty() && known->x == x) return EnergiesOf(*known);
  double cost = 0.0;
  Cost(x, &cost);
  return EnergiesOf(last_cost_);
}

bool BodyEquations::Cost(const Eigen::VectorXd& x, double* cost) {
  At(x);
  *cost = 0.0;
  std::vector<double> costs;
  last_cost_.costs.clear();
  for (const Term& term : terms_) {
    double* residuals = term.normal != nullptr ? unused_.data() : residuals_.data() + term.row;
    if (!term.cost->Evaluate(ParametersOf(term), residuals, nullptr)) return false;
    costs.push_back(0.5 * Eigen::Map<Eigen::VectorXd>(residuals, term.cost->num_residuals()).squaredNorm());
    *cost += costs.back();
  }
  last_cost_ = {x, std::move(costs)};
  return true;
}

bool BodyEquations::LinearizeRows(const Term& term) {
  const int rows = term.cost->num_residuals();
  for (size_t i = 0; i < term.blocks.size(); ++i) {
    const Block& block = blocks_[static_cast<size_t>(term.blocks[i])];
    Eigen::VectorXd& jacobian = block_jacobians_[i];
    if (!block.free.empty()) jacobian.resize(rows * block.size);
    jacobian_pointers_[i] = block.free.empty() ? nullptr : jacobian.data();
  }
  if (!term.cost->Evaluate(ParametersOf(term), residuals_.data() + term.row, jacobian_pointers_.data()))
    return false;
  if (!term.chains.empty()) return true;
  for (size_t i = 0; i < term.blocks.size(); ++i) {
    const Block& block = blocks_[static_cast<size_t>(term.blocks[i])];
    if (block.free.empty()) continue;
    const Eigen::Map<const Eigen::MatrixXd> transposed(block_jacobians_[i].data(), block.size, rows);
    auto into = transposed_jacobian_.block(
        block.first, term.column, static_cast<Eigen::Index>(block.free.size()), rows);
    if (block.whole()) {
      into = transposed;
    } else {
      into = transposed(block.free, Eigen::all);
    }
  }
  return true;
}

void BodyEquations::AddChain(const Term& term, const Chain& chain) {
  const auto n = static_cast<Eigen::Index>(chain.parameters.size());
  const auto m = static_cast<Eigen::Index>(chain.rows.size());
  chain_.resize(n, m);
  product_.resize(n);
  for (Eigen::Index k = 0; k < m; ++k) {
    const int row = chain.rows[static_cast<size_t>(k)];
    for (Eigen::Index a = 0; a < n; ++a) {
      const auto& [i, column] = chain.columns[static_cast<size_t>(a)];
      const int size = blocks_[static_cast<size_t>(term.blocks[static_cast<size_t>(i)])].size;
      chain_(a, k) = block_jacobians_[static_cast<size_t>(i)][row * size + column];
    }
    product_.noalias() = residuals_[term.row + row] * chain_.col(k);
    for (Eigen::Index a = 0; a < n; ++a) gradient_[chain.parameters[static_cast<size_t>(a)]] += product_[a];
  }
  const bool has_many_rows = m >= kManyRows;
  if (has_many_rows) {
    products_.setZero(n, n);
    products_.selfadjointView<Eigen::Lower>().rankUpdate(chain_);
  }
  for (Eigen::Index b = 0; b < n; ++b) {
    if (!has_many_rows) product_.tail(n - b).noalias() = chain_.bottomRows(n - b) * chain_.row(b).transpose();
    const double* product = has_many_rows ? products_.col(b).data() : product_.data();
    double* into = hessian_.col(chain.parameters[static_cast<size_t>(b)]).data();
    for (Eigen::Index a = b; a < n; ++a) into[chain.parameters[static_cast<size_t>(a)]] += product[a];
  }
}

bool BodyEquations::AddNormal(const Term& term, double* cost) {
  const Block& block = blocks_[static_cast<size_t>(term.blocks[0])];
  const double* x = variables_.block(term.blocks[0]);
  const auto n = static_cast<Eigen::Index>(block.free.size());
  auto gradient = gradient_.segment(block.first, n);
  auto hessian = hessian_.block(block.first, block.first, n, n);
  if (block.whole()) return term.normal->AddNormal(x, cost, gradient, hessian);
  block_gradient_.setZero(block.size);
  block_hessian_.setZero(block.size, block.size);
  if (!term.normal->AddNormal(x, cost, block_gradient_, block_hessian_)) return false;
  gradient += block_gradient_(block.free);
  hessian += block_hessian_(block.free, block.free);
  return true;
}

bool BodyEquations::Linearize(const Eigen::VectorXd& x,
                              double* cost,
                              Eigen::VectorXd* gradient,
                              Eigen::VectorXd* diagonal) {
  At(x);
  last_linearized_.costs.clear();
  gradient_.setZero(num_parameters());
  hessian_.setZero(num_parameters(), num_parameters());
  for (const Term& term : terms_) {
    if (term.normal != nullptr) continue;
    if (!LinearizeRows(term)) return false;
    for (const Chain& chain : term.chains) AddChain(term, chain);
    if (term.chains.empty()) {
      const int rows = term.cost->num_residuals();
      gradient_.noalias() +=
          transposed_jacobian_.middleCols(term.column, rows) * residuals_.segment(term.row, rows);
    }
  }
  if (transposed_jacobian_.cols() > 0)  // Eigen divides by the number of columns
    hessian_.selfadjointView<Eigen::Lower>().rankUpdate(transposed_jacobian_);
  std::vector<double> costs;
  for (const Term& term : terms_) {
    costs.push_back(0.0);
    if (term.normal == nullptr) {
      costs.back() = 0.5 * residuals_.segment(term.row, term.cost->num_residuals()).squaredNorm();
      continue;
    }
    if (!AddNormal(term, &costs.back())) return false;
  }
  *gradient = gradient_;
  *diagonal = hessian_.diagonal();
  *cost = std::accumulate(costs.begin(), costs.end(), 0.0);
  last_linearized_ = {x, std::move(costs)};
  if (first_.costs.empty()) first_ = last_linearized_;
  return true;
}

double BodyEquations::linearized_cost() const {
  return std::accumulate(last_linearized_.costs.begin(), last_linearized_.costs.end(), 0.0);
}

bool BodyEquations::Solve(const Eigen::VectorXd& damping, Eigen::VectorXd* delta) {
  factor_ = hessian_;
  factor_.diagonal() += damping;
  const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> cholesky(factor_);
  if (cholesky.info() != Eigen::Success) return false;
  *delta = -gradient_;
  cholesky.solveInPlace(*delta);
  return true;
}

void BodyEquations::Project(Eigen::VectorXd* x) const {
  const double bound = std::log(kMaxZoom);
  for (const int i : bounded_) (*x)[i] = std::clamp((*x)[i], -bound, bound);
}

}  // namespace smplceres
