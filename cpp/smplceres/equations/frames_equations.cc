#include "smplceres/equations/frames_equations.h"

#include <Eigen/Cholesky>
#include <utility>

namespace smplceres {

FramesEquations::FramesEquations(const SequenceObjective& objective,
                                 const std::vector<Variables>& variables,
                                 const std::vector<FreeSet>& free) {
  Objective::SharedTerms shared_terms;
  for (size_t f = 0; f < free.size(); ++f) {
    Frame frame;
    frame.body = std::make_unique<BodyEquations>(
        *objective.frames()[f], variables[f], free[f], [&](const TermCost& term) {
          return Objective::IsFirstUse(term, &shared_terms);
        });
    frame.first = first_shared_;
    frame.size = frame.body->num_of_frame();
    first_shared_ += frame.size;
    num_shared_ = frame.body->num_parameters() - frame.size;
    frames_.push_back(std::move(frame));
  }
}

Eigen::VectorXd FramesEquations::Of(const Frame& frame, const Eigen::VectorXd& x) const {
  Eigen::VectorXd frame_x(frame.size + num_shared_);
  frame_x << x.segment(frame.first, frame.size), x.tail(num_shared_);
  return frame_x;
}

Eigen::VectorXd FramesEquations::Start() const {
  Eigen::VectorXd x(num_parameters());
  for (const Frame& frame : frames_) {
    const Eigen::VectorXd frame_x = frame.body->Start();
    x.segment(frame.first, frame.size) = frame_x.head(frame.size);
    x.tail(num_shared_) = frame_x.tail(num_shared_);
  }
  return x;
}

std::vector<Variables> FramesEquations::At(const Eigen::VectorXd& x) {
  std::vector<Variables> variables;
  for (const Frame& frame : frames_) variables.push_back(frame.body->At(Of(frame, x)));
  return variables;
}

int FramesEquations::num_residuals() const {
  int rows = 0;
  for (const Frame& frame : frames_) rows += frame.body->num_residuals();
  return rows;
}

void FramesEquations::Project(Eigen::VectorXd* x) const {
  for (const Frame& frame : frames_) {
    Eigen::VectorXd frame_x = Of(frame, *x);
    frame.body->Project(&frame_x);
    x->tail(num_shared_) = frame_x.tail(num_shared_);
  }
}

bool FramesEquations::Cost(const Eigen::VectorXd& x, double* cost) {
  *cost = 0.0;
  for (const Frame& frame : frames_) {
    double frame_cost = 0.0;
    if (!frame.body->Cost(Of(frame, x), &frame_cost)) return false;
    *cost += frame_cost;
  }
  return true;
}

bool FramesEquations::Linearize(const Eigen::VectorXd& x,
                                double* cost,
                                Eigen::VectorXd* gradient,
                                Eigen::VectorXd* diagonal) {
  *cost = 0.0;
  gradient_.setZero(num_parameters());
  diagonal->setZero(num_parameters());
  shared_hessian_.setZero(num_shared_, num_shared_);
  Eigen::VectorXd frame_gradient, frame_diagonal;
  for (const Frame& frame : frames_) {
    double frame_cost = 0.0;
    if (!frame.body->Linearize(Of(frame, x), &frame_cost, &frame_gradient, &frame_diagonal)) return false;
    *cost += frame_cost;
    gradient_.segment(frame.first, frame.size) = frame_gradient.head(frame.size);
    gradient_.tail(num_shared_) += frame_gradient.tail(num_shared_);
    diagonal->segment(frame.first, frame.size) = frame_diagonal.head(frame.size);
    shared_hessian_.triangularView<Eigen::Lower>() +=
        frame.body->hessian().bottomRightCorner(num_shared_, num_shared_);
  }
  diagonal->tail(num_shared_) = shared_hessian_.diagonal();
  *gradient = gradient_;
  return true;
}

bool FramesEquations::Solve(const Eigen::VectorXd& damping, Eigen::VectorXd* delta) {
  *delta = -gradient_;
  auto shared = delta->tail(num_shared_);
  Eigen::MatrixXd reduced = shared_hessian_;
  reduced.diagonal() += damping.tail(num_shared_);
  for (Frame& frame : frames_) {
    if (frame.size == 0) continue;
    const Eigen::MatrixXd& hessian = frame.body->hessian();
    factor_.resize(frame.size, frame.size);
    factor_.triangularView<Eigen::Lower>() = hessian.topLeftCorner(frame.size, frame.size);
    factor_.diagonal() += damping.segment(frame.first, frame.size);
    const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> cholesky(factor_);
    if (cholesky.info() != Eigen::Success) return false;
    auto frame_delta = delta->segment(frame.first, frame.size);
    cholesky.matrixL().solveInPlace(frame_delta);
    if (num_shared_ > 0) {
      frame.eliminated = hessian.bottomLeftCorner(num_shared_, frame.size).transpose();
      cholesky.matrixL().solveInPlace(frame.eliminated);
      reduced.selfadjointView<Eigen::Lower>().rankUpdate(frame.eliminated.transpose(), -1.0);
      shared.noalias() -= frame.eliminated.transpose() * frame_delta;
      cholesky.matrixU().solveInPlace(frame.eliminated);
    }
    cholesky.matrixU().solveInPlace(frame_delta);
  }
  if (num_shared_ == 0) return true;
  const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> cholesky(reduced);
  if (cholesky.info() != Eigen::Success) return false;
  cholesky.solveInPlace(shared);
  for (const Frame& frame : frames_)
    if (frame.size > 0) delta->segment(frame.first, frame.size).noalias() -= frame.eliminated * shared;
  return true;
}

}  // namespace smplceres
