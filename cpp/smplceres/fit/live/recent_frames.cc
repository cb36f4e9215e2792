#include "smplceres/fit/live/recent_frames.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <utility>

#include "smplceres/math/inverse.h"
#include "smplceres/math/so3.h"

namespace smplceres {
namespace {

// Maximum change, radians or metres, for which a frame's quadratic is valid. Beyond it, the frame and those
// before it keep their states.
constexpr double kMaxChange = 0.5;

// A frame is linearized again once it has moved by more than this since its last linearization (radians,
// metres or standard deviations of shape).
constexpr double kMinChange = 0.15;

Eigen::VectorXd Joined(const Variables& at) {
  Eigen::VectorXd x(at.frame.size() + at.betas.size());
  x << at.frame, at.betas;
  return x;
}

// Adds the quadratic of `weight` times half the energies of `equations` about x to `sum` (lower triangle of
// the Hessian). False if they cannot be evaluated.
bool AddEnergiesAbout(const Eigen::VectorXd& x, double weight, BodyEquations* equations, Quadratic* sum) {
  const Eigen::Index size = sum->gradient.size();
  double cost = 0.0;
  Eigen::VectorXd gradient, diagonal;
  if (equations->linearized_at().size() == 0 ||
      (x - equations->linearized_at()).cwiseAbs().maxCoeff() > kMinChange)
    if (!equations->Linearize(x, &cost, &gradient, &diagonal)) return false;
  const Eigen::VectorXd d = x - equations->linearized_at();
  gradient = equations->gradient();
  gradient.noalias() += equations->hessian().selfadjointView<Eigen::Lower>() * d;
  sum->constant += weight * (equations->linearized_cost() + 0.5 * d.dot(gradient + equations->gradient()));
  sum->gradient += weight * gradient.head(size);
  sum->hessian += weight * equations->hessian().topLeftCorner(size, size);
  return true;
}

}  // namespace

double RandomWalk::SigmaOf(const Slice& slice) const {
  switch (slice.kind) {
    case SliceKind::kRoot:
      return sigma_orient;
    case SliceKind::kRotations:
      return sigma_pose;
    case SliceKind::kTranslation:
      return sigma_transl;
    case SliceKind::kComponents:
    case SliceKind::kCoefficients:
      break;
  }
  return slice.walk_sigma;
}

Eigen::VectorXd RandomWalk::Information(const FrameLayout& layout, double dt) const {
  Eigen::VectorXd M(layout.size());
  for (const Slice& slice : layout.slices()) {
    const double sigma = SigmaOf(slice);
    M.segment(slice.begin, slice.size).setConstant(weight / (sigma * sigma * dt));
  }
  return M;
}

RecentFrames::RecentFrames(int lag, RandomWalk walk) : lag_(static_cast<size_t>(lag)), walk_(walk) {}

void RecentFrames::Clear() {
  frames_.clear();
  base_.reset();
  next_base_.reset();
}

std::optional<RecentFrames::Step> RecentFrames::newest_step() const {
  if (frames_.size() < 2) return std::nullopt;
  const Frame& before = frames_[frames_.size() - 2];
  const Eigen::Index F = before.walk.size(), B = before.gain_of_betas.cols();
  Step step{frames_.back().dt, Eigen::MatrixXd(F, F + B), before.covariance.selfadjointView<Eigen::Lower>()};
  step.by_state << -step.covariance * before.walk.asDiagonal(), before.gain_of_betas;
  step.by_state.leftCols(F).diagonal().array() += 1.0;
  return step;
}

std::vector<RecentFrames::At> RecentFrames::smoothed() const {
  std::vector<At> all;
  for (const Frame& frame : frames_) all.push_back({frame.observed.time, frame.at});
  return all;
}

std::optional<Quadratic> RecentFrames::Eliminate(double time,
                                                 const Variables& start,
                                                 const Eigen::VectorXd& predicted_step) {
  const Eigen::Index F = start.frame.size(), B = start.betas.size();
  start_ = start.frame;
  predicted_step_ = predicted_step;
  dt_ = time - newest_time();
  next_base_.reset();
  Quadratic prior(F + B);
  if (base_) {
    prior = base_->quadratic;
    const Eigen::VectorXd moved = Joined(frames_.front().at) - base_->about;
    const Eigen::VectorXd hessian_moved = prior.hessian.selfadjointView<Eigen::Lower>() * moved;
    prior.constant += prior.gradient.dot(moved) + 0.5 * hessian_moved.dot(moved);
    prior.gradient += hessian_moved;
  }
  auto H_xx = prior.hessian.topLeftCorner(F, F);
  auto H_bx = prior.hessian.bottomLeftCorner(B, F);
  auto H_bb = prior.hessian.bottomRightCorner(B, B);
  Eigen::VectorXd x;
  for (size_t i = 0; i < frames_.size(); ++i) {
    Frame& frame = frames_[i];
    const bool is_newest = i + 1 == frames_.size();
    const Variables& next = is_newest ? start : frames_[i + 1].at;
    const double dt = is_newest ? dt_ : frames_[i + 1].dt;
    x = frame.observed.measurements->Start();
    x.head(F + B) << frame.at.frame, frame.at.betas;
    if (!AddEnergiesAbout(x, 1.0, frame.observed.measurements.get(), &prior) ||
        !AddEnergiesAbout(
            x, std::min(dt / walk_.prior_time, 1.0), frame.observed.pose_knowledge.get(), &prior))
      return std::nullopt;

    frame.walk = walk_.Information(start.layout, dt);
    const Eigen::VectorXd walk_gradient = frame.walk.cwiseProduct(
        frame.at.StepTo(next) - (is_newest ? predicted_step : frames_[i + 1].predicted_step));  // M e
    frame.covariance = H_xx;
    frame.covariance.diagonal() += frame.walk;
    if (!InvertLower(&frame.covariance)) return std::nullopt;
    const auto C = frame.covariance.selfadjointView<Eigen::Lower>();
    frame.gain_of_betas.noalias() = C * H_bx.transpose();
    const Eigen::VectorXd net_gradient = prior.gradient.head(F) - walk_gradient;
    frame.back_step.noalias() = C * net_gradient;

    prior.constant +=
        0.5 * (walk_gradient.cwiseAbs2().cwiseQuotient(frame.walk).sum() - net_gradient.dot(frame.back_step));
    prior.gradient.tail(B).noalias() -= H_bx * frame.back_step;
    prior.gradient.head(F) = walk_gradient + frame.walk.cwiseProduct(frame.back_step);
    H_bb.noalias() -= H_bx * frame.gain_of_betas;
    H_bx.noalias() = frame.gain_of_betas.transpose() * frame.walk.asDiagonal();
    for (Eigen::Index j = 0; j < F; ++j)
      H_xx.col(j).tail(F - j) =
          -frame.walk[j] * frame.walk.tail(F - j).cwiseProduct(frame.covariance.col(j).tail(F - j));
    H_xx.diagonal() += frame.walk;

    const double retained = std::exp(-dt / walk_.shape_memory);
    H_bx *= std::sqrt(retained);
    H_bb *= retained;
    prior.gradient.tail(B) *= std::sqrt(retained);
    if (i == 0) next_base_ = Base{prior, Joined(next)};
  }
  return prior;
}

Eigen::VectorXd RecentFrames::Add(ObservedFrame observed, const Variables& solved) {
  // In the chart of the initial estimate, which `solved` still has.
  Eigen::VectorXd change = solved.frame - start_;
  const Eigen::VectorXd change_of_betas = solved.betas - newest().betas;
  for (size_t i = frames_.size(); i-- > 0;) {
    Frame& frame = frames_[i];
    change = frame.covariance.selfadjointView<Eigen::Lower>() * frame.walk.cwiseProduct(change) -
             frame.gain_of_betas * change_of_betas - frame.back_step;
    if (!(change.cwiseAbs().maxCoeff() < kMaxChange)) break;
    frame.at.frame += change;
  }
  const Eigen::VectorXd step = newest().StepTo(solved);
  frames_.push_back({std::move(observed), solved, dt_, predicted_step_, {}, {}, {}, {}});
  for (Frame& frame : frames_) frame.at.betas = solved.betas;
  if (frames_.size() > lag_) {
    frames_.pop_front();
    base_ = std::move(next_base_);
  }
  return step;
}

void RecentFrames::Begin(ObservedFrame observed, const Variables& solved) {
  Clear();
  frames_.push_back(
      {std::move(observed), solved, 0.0, Eigen::VectorXd::Zero(solved.frame.size()), {}, {}, {}, {}});
}

}  // namespace smplceres
