#include "smplceres/fit/recent_frames.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>

#include "smplceres/fit/initialise.h"
#include "smplceres/math/so3.h"

namespace smplceres {
namespace {

// A frame that is told to move further than this, radians or metres, is where its quadratic does not hold: it
// stays, and those before it.
constexpr double kMostChange = 0.5;

// A frame that has moved less, radians, metres or standard deviations of shape, since it was linearized last
// is not linearized anew.
constexpr double kLeastChange = 0.15;

bool OneOf(std::initializer_list<const char*> names, const TermCost& term) {
  return std::find(names.begin(), names.end(), term.name) != names.end();
}

// Whether a term is what is known of poses.
bool IsOfPose(const TermCost& term) {
  return OneOf({"pose_prior", "angle_prior", "joint_limits", "interpenetration"}, term);
}

Eigen::VectorXd Joined(const Variables& at) {
  Eigen::VectorXd x(at.frame.size() + at.betas.size());
  x << at.frame, at.betas;
  return x;
}

// The change of the frame block from one to the other, whose charts may be others.
Eigen::VectorXd WayBetween(const Variables& from, const Variables& to) {
  Eigen::VectorXd way = to.frame - from.frame;
  way.head<3>() = Log(to.RootRotation() * from.RootRotation().transpose());
  return way;
}

// The inverse of a positive definite matrix, of which lower triangles are read and written; false where it is
// none. Swept by joints' three columns P, all others R,
//
//   A_RR - A_RP A_PP^-1 A_PR,     A_RP A_PP^-1,     -A_PP^-1,
//
// until all are (Goodnight, "A tutorial on the SWEEP operator", 1979): n^3 / 2 multiplications and additions,
// at n = 75 a third to a half of the time of Eigen's LLT::solve(Identity).
bool InvertLower(Eigen::MatrixXd* matrix) {
  Eigen::MatrixXd& A = *matrix;
  const Eigen::Index n = A.rows();
  Eigen::Matrix<double, Eigen::Dynamic, 3> U(n, 3), W(n, 3);  // A_RP, A_RP A_PP^-1
  for (Eigen::Index k = 0; k < n; k += 3) {
    const Eigen::Index below = n - k - 3;
    const Eigen::Matrix3d pivots = A.block<3, 3>(k, k).selfadjointView<Eigen::Lower>();
    if (Eigen::LLT<Eigen::Matrix3d>(pivots).info() != Eigen::Success) return false;
    const Eigen::Matrix3d inverse = pivots.inverse();
    U.topRows(k) = A.block(k, 0, 3, k).transpose();
    U.middleRows<3>(k) = pivots;
    U.bottomRows(below) = A.block(k + 3, k, below, 3);
    W.noalias() = U * inverse;
    for (Eigen::Index j = 0; j < n; ++j) {
      const Eigen::Index m = n - j;
      A.col(j).tail(m).noalias() -=
          W.col(0).tail(m) * U(j, 0) + W.col(1).tail(m) * U(j, 1) + W.col(2).tail(m) * U(j, 2);
    }
    A.block(k, 0, 3, k) = W.topRows(k).transpose();
    A.block(k + 3, k, below, 3) = W.bottomRows(below);
    A.block<3, 3>(k, k) = -inverse;
  }
  A = -A;
  return true;
}

// Adds `weight` times half the energies of `equations` about x to `sum`, the Hessian's lower triangle; false
// where they cannot be evaluated.
bool AddAbout(const Eigen::VectorXd& x, double weight, BodyEquations* equations, Quadratic* sum) {
  const Eigen::Index size = sum->gradient.size();
  double cost = 0.0;
  Eigen::VectorXd gradient, diagonal;
  if (equations->linearized_at().size() == 0 ||
      (x - equations->linearized_at()).cwiseAbs().maxCoeff() > kLeastChange)
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

Eigen::VectorXd RandomWalk::Information(const FrameLayout& layout, double dt) const {
  const auto of = [&](double sigma) { return weight / (sigma * sigma * dt); };
  Eigen::VectorXd M = Eigen::VectorXd::Constant(layout.size(), of(sigma_pose));
  M.segment<3>(layout.root()).setConstant(of(sigma_orient));
  M.segment<3>(layout.transl()).setConstant(of(sigma_transl));
  return M;
}

SeenFrame::SeenFrame(const Stage& stage,
                     const Observations& observed,
                     const Priors& priors,
                     double time,
                     const Variables& start)
    : time(time),
      seen(std::make_shared<Observations>(observed)),
      objective(std::make_shared<Objective>(stage, *seen, priors, PlaceOf(*seen, start), start)),
      is_whole(objective->free_parameters()) {
  std::fill_n(is_whole.begin(), start.frame.size() + start.betas.size(), true);
  const auto part = [&](bool (*counts)(const TermCost&)) {
    return std::make_shared<BodyEquations>(*objective, start, is_whole, counts);
  };
  pictures = part([](const TermCost& term) { return !IsTold(term); });
  poses = part(&IsOfPose);
}

bool SeenFrame::IsTold(const TermCost& term) {
  return IsOfPose(term) ||
         OneOf({"shape_prior", "height", "limb_lengths", "depth_prior", "focal_prior"}, term);
}

RecentFrames::RecentFrames(int lag, RandomWalk walk) : lag_(static_cast<size_t>(lag)), walk_(walk) {}

void RecentFrames::Clear() {
  frames_.clear();
  base_.reset();
  next_base_.reset();
}

std::vector<RecentFrames::At> RecentFrames::smoothed() const {
  std::vector<At> all;
  for (const Frame& frame : frames_) all.push_back({frame.seen.time, frame.at});
  return all;
}

std::optional<Quadratic> RecentFrames::Eliminate(double time,
                                                 const Variables& start,
                                                 const Eigen::VectorXd& way) {
  const Eigen::Index F = start.frame.size(), B = start.betas.size();
  start_ = start.frame;
  way_ = way;
  dt_ = time - newest_time();
  next_base_.reset();
  Quadratic told(F + B);
  if (base_) {
    told = base_->quadratic;
    const Eigen::VectorXd moved = Joined(frames_.front().at) - base_->about;
    const Eigen::VectorXd pull = told.hessian.selfadjointView<Eigen::Lower>() * moved;
    told.constant += told.gradient.dot(moved) + 0.5 * pull.dot(moved);
    told.gradient += pull;
  }
  auto H_xx = told.hessian.topLeftCorner(F, F);
  auto H_bx = told.hessian.bottomLeftCorner(B, F);
  auto H_bb = told.hessian.bottomRightCorner(B, B);
  Eigen::VectorXd x;
  for (size_t i = 0; i < frames_.size(); ++i) {
    Frame& frame = frames_[i];
    const bool is_newest = i + 1 == frames_.size();
    const Variables& next = is_newest ? start : frames_[i + 1].at;
    const double dt = is_newest ? dt_ : frames_[i + 1].dt;
    x = frame.seen.pictures->Start();
    x.head(F + B) << frame.at.frame, frame.at.betas;
    if (!AddAbout(x, 1.0, frame.seen.pictures.get(), &told) ||
        !AddAbout(x, std::min(dt / walk_.prior_time, 1.0), frame.seen.poses.get(), &told))
      return std::nullopt;

    frame.walk = walk_.Information(start.layout, dt);
    const Eigen::VectorXd off =
        frame.walk.cwiseProduct(WayBetween(frame.at, next) - (is_newest ? way : frames_[i + 1].way));  // M e
    frame.covariance = H_xx;
    frame.covariance.diagonal() += frame.walk;
    if (!InvertLower(&frame.covariance)) return std::nullopt;
    const auto C = frame.covariance.selfadjointView<Eigen::Lower>();
    frame.pulls_of_betas.noalias() = C * H_bx.transpose();
    const Eigen::VectorXd force = told.gradient.head(F) - off;
    frame.pull.noalias() = C * force;

    told.constant += 0.5 * (off.cwiseAbs2().cwiseQuotient(frame.walk).sum() - force.dot(frame.pull));
    told.gradient.tail(B).noalias() -= H_bx * frame.pull;
    told.gradient.head(F) = off + frame.walk.cwiseProduct(frame.pull);
    H_bb.noalias() -= H_bx * frame.pulls_of_betas;
    H_bx.noalias() = frame.pulls_of_betas.transpose() * frame.walk.asDiagonal();
    for (Eigen::Index j = 0; j < F; ++j)
      H_xx.col(j).tail(F - j) =
          -frame.walk[j] * frame.walk.tail(F - j).cwiseProduct(frame.covariance.col(j).tail(F - j));
    H_xx.diagonal() += frame.walk;

    const double kept = std::exp(-dt / walk_.shape_memory);
    H_bx *= std::sqrt(kept);
    H_bb *= kept;
    told.gradient.tail(B) *= std::sqrt(kept);
    if (i == 0) next_base_ = Base{told, Joined(next)};
  }
  return told;
}

Eigen::VectorXd RecentFrames::Add(SeenFrame seen, const Variables& solved) {
  // In the chart that the frame started in, which `solved` still has.
  Eigen::VectorXd change = solved.frame - start_;
  const Eigen::VectorXd change_of_betas = solved.betas - newest().betas;
  for (size_t i = frames_.size(); i-- > 0;) {
    Frame& frame = frames_[i];
    change = frame.covariance.selfadjointView<Eigen::Lower>() * frame.walk.cwiseProduct(change) -
             frame.pulls_of_betas * change_of_betas - frame.pull;
    if (!(change.cwiseAbs().maxCoeff() < kMostChange)) break;
    frame.at.frame += change;
  }
  const Eigen::VectorXd went = WayBetween(newest(), solved);
  frames_.push_back({std::move(seen), solved, dt_, way_, {}, {}, {}, {}});
  for (Frame& frame : frames_) frame.at.betas = solved.betas;
  if (frames_.size() > lag_) {
    frames_.pop_front();
    base_ = std::move(next_base_);
  }
  return went;
}

void RecentFrames::Begin(SeenFrame seen, const Variables& solved) {
  Clear();
  frames_.push_back(
      {std::move(seen), solved, 0.0, Eigen::VectorXd::Zero(solved.frame.size()), {}, {}, {}, {}});
}

}  // namespace smplceres
