#include "smplceres/equations/update_equations.h"

#include <Eigen/Cholesky>
#include <utility>

namespace smplceres {

UpdateEquations::UpdateEquations(const ObservedFrame& frame,
                                 const Variables& at,
                                 std::optional<Quadratic> past)
    : objective_(frame.objective),
      measurements_(frame.measurements),
      priors_(*objective_,
              at,
              frame.parameters,
              [](const TermCost& cost) { return IsReappliedPrior(*cost.term); }),
      past_(past ? std::move(*past) : Quadratic(at.frame.size() + at.betas.size())),
      start_(priors_.Start()) {
  const std::vector<bool> is_free = objective_->free().Columns(), is_parameter = frame.parameters.Columns();
  Eigen::Index parameter = 0;
  for (size_t i = 0; i < is_free.size(); ++i) {
    if (!is_parameter[i]) continue;
    if (!is_free[i]) constant_.push_back(parameter);
    ++parameter;
  }
}

bool UpdateEquations::LinearizeAtStart() {
  double cost = 0.0;
  Eigen::VectorXd gradient, diagonal;
  return Linearize(start_, &cost, &gradient, &diagonal);
}

std::map<std::string, double> UpdateEquations::EnergiesAt(const Eigen::VectorXd& x) {
  std::map<std::string, double> energies = measurements_->EnergiesAt(x);
  energies.merge(priors_.EnergiesAt(x));
  return energies;
}

Eigen::MatrixXd UpdateEquations::Information() const {
  const Eigen::Index size = past_.gradient.size();
  return Eigen::MatrixXd(hessian_.topLeftCorner(size, size).selfadjointView<Eigen::Lower>());
}

bool UpdateEquations::Cost(const Eigen::VectorXd& x, double* cost) {
  double prior_cost = 0.0;
  if (!measurements_->Cost(x, cost) || !priors_.Cost(x, &prior_cost)) return false;
  *cost += prior_cost;
  const Eigen::VectorXd d = (x - start_).head(past_.gradient.size());
  *cost +=
      past_.constant + past_.gradient.dot(d) + 0.5 * d.dot(past_.hessian.selfadjointView<Eigen::Lower>() * d);
  return true;
}

bool UpdateEquations::Linearize(const Eigen::VectorXd& x,
                                double* cost,
                                Eigen::VectorXd* gradient,
                                Eigen::VectorXd* diagonal) {
  double prior_cost = 0.0;
  Eigen::VectorXd prior_gradient;
  if (!measurements_->Linearize(x, cost, &gradient_, diagonal) ||
      !priors_.Linearize(x, &prior_cost, &prior_gradient, diagonal))
    return false;
  *cost += prior_cost;
  gradient_ += prior_gradient;
  // Whole matrices: adding the unused upper triangles costs less than leaving them out.
  hessian_.noalias() = measurements_->hessian() + priors_.hessian();
  const Eigen::Index size = past_.gradient.size();
  const Eigen::VectorXd d = (x - start_).head(size);
  const Eigen::VectorXd hessian_d = past_.hessian.selfadjointView<Eigen::Lower>() * d;
  *cost += past_.constant + past_.gradient.dot(d) + 0.5 * d.dot(hessian_d);
  gradient_.head(size) += past_.gradient + hessian_d;
  hessian_.topLeftCorner(size, size) += past_.hessian;
  for (const Eigen::Index i : constant_) gradient_[i] = 0.0;
  *gradient = gradient_;
  *diagonal = hessian_.diagonal();
  return true;
}

bool UpdateEquations::Solve(const Eigen::VectorXd& damping, Eigen::VectorXd* delta) {
  factor_ = hessian_;
  factor_.diagonal() += damping;
  for (const Eigen::Index i : constant_) {
    factor_.row(i).setZero();
    factor_.col(i).setZero();
    factor_(i, i) = 1.0;
  }
  const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> cholesky(factor_);
  if (cholesky.info() != Eigen::Success) return false;
  *delta = -gradient_;
  cholesky.solveInPlace(*delta);
  return true;
}

}  // namespace smplceres
