#include "smplceres/fit/tracker.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "smplceres/terms/marginal_prior.h"

namespace smplceres {
namespace {

// A point of a mean robust energy over this part of its most is not met.
constexpr double kBad = 0.25;

// Energy per coordinate seen over which a rival begins: of training motions 5 % of the updates within 80 mm
// have more than 25, half of those off by more than 100 mm have more than 55.
constexpr double kSuspicious = 30.0;
// A rival with less than this part of the energy takes the person's place.
constexpr double kClearlyLower = 0.8;
constexpr int kRivalIterations = 8;      // of a stage, for the sake of the update's time
constexpr double kSecondsTrusted = 0.5;  // after a rival that lost

int NumVisible(const Observations& seen) {
  int count = 0;
  for (const View& view : seen.views) count += static_cast<int>(view.Visible().size());
  return count;
}

// J^T J of an update over [ frame | betas ], the root's columns in the chart at the present orientation: of
// what was seen, and of what every update is told anew.
struct UpdateInformation {
  Eigen::MatrixXd seen, told;
};

UpdateInformation InformationOf(const Objective& objective, const Variables& at) {
  Eigen::VectorXd residuals;
  RowMatrix jacobian;
  const Eigen::Index size = at.frame.size() + at.betas.size();
  UpdateInformation information{Eigen::MatrixXd::Zero(size, size), Eigen::MatrixXd::Zero(size, size)};
  if (!objective.Evaluate(at, &residuals, &jacobian)) return information;
  Eigen::Index row = 0;
  for (const auto& [name, count] : objective.rows()) {
    const bool told =
        name == "shape_prior" || name == "pose_prior" || name == "angle_prior" || name == "joint_limits";
    (told ? information.told : information.seen)
        .selfadjointView<Eigen::Lower>()
        .rankUpdate(jacobian.block(row, 0, count, size).transpose());
    row += count;
  }
  information.seen = Eigen::MatrixXd(information.seen.selfadjointView<Eigen::Lower>());
  information.told = Eigen::MatrixXd(information.told.selfadjointView<Eigen::Lower>());
  return information;
}

// The same in the chart about the orientation that `frame`'s root has in the present one.
void MoveChart(const Eigen::Vector3d& root, Eigen::MatrixXd* information) {
  const Eigen::Matrix3d back = LeftJacobian(root).inverse();
  information->topRows<3>() = (back.transpose() * information->topRows<3>()).eval();
  information->leftCols<3>() = (information->leftCols<3>() * back).eval();
}

}  // namespace

Tracker::Tracker(const BodyModel& model, TrackerOptions options)
    : model_(model), options_(std::move(options)), state_(model, 0) {
  if (options_.cold.empty()) throw std::invalid_argument("cold: expected at least one stage, got none");
  for (const auto& [name, value] : {std::pair<const char*, double>{"sigma_orient", options_.sigma_orient},
                                    {"sigma_pose", options_.sigma_pose},
                                    {"sigma_transl", options_.sigma_transl},
                                    {"weight", options_.weight},
                                    {"velocity_time", options_.velocity_time},
                                    {"shape_memory", options_.shape_memory},
                                    {"lost_after", options_.lost_after},
                                    {"budget", options_.budget}})
    if (!(value > 0.0))
      throw std::invalid_argument(std::string(name) + ": expected a number > 0, got " +
                                  std::to_string(value));
  Reset();
}

void Tracker::Reset() {
  has_time_ = false;
  Lose();
}

void Tracker::Lose() {
  status_ = TrackStatus::kLost;
  next_cold_ = 0;
  bad_ = 0;
  rival_.reset();
  trusted_until_ = 0.0;
  velocity_ = Eigen::VectorXd::Zero(state_.frame.size());
  const Eigen::Index size = state_.frame.size() + state_.betas.size();
  information_ = Eigen::MatrixXd::Zero(size, size);
  told_ = information_;
  energies_.clear();
}

Variables Tracker::Predict(double time) const {
  Variables predicted = state_;
  predicted.Recentre();
  if (status_ == TrackStatus::kLost || status_ == TrackStatus::kStarting) return predicted;
  // Velocities fade: the way is their integral.
  const double dt = time - time_;
  const double way = options_.velocity_time * (1.0 - std::exp(-std::max(dt, 0.0) / options_.velocity_time));
  predicted.SetRootRotation(Exp(Eigen::Vector3d(way * velocity_.head<3>())) * predicted.root_anchor);
  predicted.frame.tail(predicted.frame.size() - 3) += way * velocity_.tail(velocity_.size() - 3);
  return predicted;
}

Eigen::MatrixXd Tracker::Information() const { return information_ + told_; }

void Tracker::SetInformation(const Objective& objective) {
  UpdateInformation information = InformationOf(objective, state_);
  information_ = std::move(information.seen);
  told_ = std::move(information.told);
}

Eigen::MatrixXd Tracker::Marginal(double dt) const {
  const Eigen::Index F = state_.frame.size(), B = state_.betas.size();
  Eigen::VectorXd M(F);
  const auto walk = [&](double sigma) { return options_.weight / (sigma * sigma * dt); };
  M.setConstant(walk(options_.sigma_pose));
  M.head<3>().setConstant(walk(options_.sigma_orient));
  M.tail<3>().setConstant(walk(options_.sigma_transl));
  Eigen::MatrixXd A = information_.topLeftCorner(F, F);
  A.diagonal() += M;
  const Eigen::LLT<Eigen::MatrixXd> cholesky(A);
  Eigen::MatrixXd right(F, F + B);
  right << Eigen::MatrixXd(M.asDiagonal()), information_.topRightCorner(F, B);
  const Eigen::MatrixXd half = cholesky.matrixL().solve(right);  // L^-1 [ M | H_xb ]
  const double kept = std::exp(-dt / options_.shape_memory);
  Eigen::MatrixXd marginal(F + B, F + B);
  Eigen::MatrixXd products = Eigen::MatrixXd::Zero(F + B, F + B);
  products.selfadjointView<Eigen::Lower>().rankUpdate(half.transpose());
  products = Eigen::MatrixXd(products.selfadjointView<Eigen::Lower>());
  marginal.topLeftCorner(F, F) = -products.topLeftCorner(F, F);
  marginal.topLeftCorner(F, F).diagonal() += M;
  marginal.topRightCorner(F, B) = std::sqrt(kept) * products.topRightCorner(F, B);
  marginal.bottomLeftCorner(B, F) = marginal.topRightCorner(F, B).transpose();
  marginal.bottomRightCorner(B, B) =
      kept * (information_.bottomRightCorner(B, B) - products.bottomRightCorner(B, B));
  return marginal;
}

void Tracker::Solve(const Observations& seen,
                    const Priors& priors,
                    const Eigen::MatrixXd* marginal,
                    const Stopwatch& stopwatch,
                    const Interrupted& interrupted) {
  Variables solved = state_;
  const Objective objective(options_.stage, seen, priors, PlaceOf(seen, solved), solved);
  ceres::Problem::Options problem_options;
  problem_options.cost_function_ownership = ceres::DO_NOT_TAKE_OWNERSHIP;
  problem_options.disable_all_safety_checks = true;
  ceres::Problem problem(problem_options);
  const std::vector<double*> blocks = solved.blocks();
  objective.AddTo(&problem, blocks);
  std::unique_ptr<MarginalPriorCost> prior;
  if (marginal != nullptr) {
    Eigen::VectorXd mean(solved.frame.size() + solved.betas.size());
    mean << solved.frame, solved.betas;
    prior = std::make_unique<MarginalPriorCost>(
        *marginal, std::move(mean), static_cast<int>(solved.frame.size()));
    problem.AddResidualBlock(prior.get(), nullptr, {blocks[kFrame], blocks[kBetas]});
  }
  const double remaining = std::max(options_.budget - stopwatch.Seconds(), 1e-6);
  const Summary summary =
      smplceres::Solve(options_.stage.solver, Structure{}, remaining, interrupted, &problem);
  iterations_ += summary.num_iterations;
  if (!summary.usable() || !solved.frame.allFinite() || !solved.betas.allFinite()) return;
  state_ = solved;
  energies_ = objective.Energies(state_);
  SetInformation(objective);
  if (marginal != nullptr) information_ += *marginal;
  MoveChart(state_.frame.head<3>(), &information_);
  state_.Recentre();
}

void Tracker::StartCold(const Observations& seen,
                        const Priors& priors,
                        const Stopwatch& stopwatch,
                        const Interrupted& interrupted) {
  FitOptions options;
  options.max_time = options_.budget;
  options.interrupted = interrupted;
  Start start{state_, {}};
  if (next_cold_ == 0) {
    start = Initialise(seen, options_.start_pose, 1).front();
    status_ = TrackStatus::kStarting;
  } else {
    MoveInFront(seen, &start.variables);
    start.place = PlaceOf(seen, start.variables);
  }
  options.stages.assign(options_.cold.begin() + static_cast<std::ptrdiff_t>(next_cold_), options_.cold.end());
  const Fit fit = RunStages(seen, priors, options, start, stopwatch);
  next_cold_ += fit.stages.size();
  for (const StageSummary& stage : fit.stages) iterations_ += stage.summary.num_iterations;
  state_ = fit.variables;
  energies_ = fit.energies;
  if (next_cold_ < options_.cold.size()) return;
  state_.Recentre();
  const Objective objective(options_.stage, seen, priors, PlaceOf(seen, state_), state_);
  SetInformation(objective);
  status_ = TrackStatus::kTracked;
}

void Tracker::GrowRival(const Observations& seen,
                        const Priors& priors,
                        const Stopwatch& stopwatch,
                        const Interrupted& interrupted) {
  Start start = rival_ ? StartFrom(seen, *rival_) : Initialise(seen, options_.start_pose, 1).front();
  if (!rival_) next_of_rival_ = 0;
  FitOptions options;
  options.max_time = options_.budget;
  options.interrupted = interrupted;
  options.stages = {options_.cold[next_of_rival_]};
  options.stages[0].solver.max_iterations =
      std::min(options.stages[0].solver.max_iterations, kRivalIterations);
  const Fit fit = RunStages(seen, priors, options, start, stopwatch);
  for (const StageSummary& stage : fit.stages) iterations_ += stage.summary.num_iterations;
  next_of_rival_ += fit.stages.size();
  rival_ = fit.variables;
  if (next_of_rival_ < options_.cold.size()) return;
  Variables grown = *rival_;
  rival_.reset();
  trusted_until_ = time_ + kSecondsTrusted;
  grown.Recentre();
  const Objective objective(options_.stage, seen, priors, PlaceOf(seen, grown), grown);
  std::map<std::string, double> energies = objective.Energies(grown);
  if (!(TotalOf(energies) < kClearlyLower * TotalOf(energies_))) return;
  state_ = grown;
  energies_ = std::move(energies);
  SetInformation(objective);
  velocity_.setZero();
}

TrackStatus Tracker::Update(const Observations& seen,
                            const Priors& priors,
                            double time,
                            const Interrupted& interrupted) {
  const Stopwatch stopwatch;
  if (!std::isfinite(time)) throw std::invalid_argument("timestamp: expected seconds, got no number");
  if (has_time_ && !(time > time_))
    throw std::invalid_argument("timestamp: expected more than the last, " + std::to_string(time_) +
                                " s, got " + std::to_string(time));
  const double dt = has_time_ ? time - time_ : 1.0;
  const int visible = NumVisible(seen);
  iterations_ = 0;
  const bool on_track = status_ == TrackStatus::kTracked || status_ == TrackStatus::kPredicted;
  if (on_track && visible == 0 && time - seen_time_ > options_.lost_after) Lose();
  if (status_ == TrackStatus::kLost || status_ == TrackStatus::kStarting) {
    if (visible >= kMinKeypoints) {
      StartCold(seen, priors, stopwatch, interrupted);
      seen_time_ = time;
    }
    has_time_ = true;
    time_ = time;
    return status_;
  }

  const Variables before = state_;
  const Eigen::MatrixXd information_before = information_;  // `told_` is set where nothing throws
  const Eigen::MatrixXd marginal = Marginal(dt);
  state_ = Predict(time);
  MoveInFront(seen, &state_);
  information_ = marginal;
  if (visible > 0) {
    try {
      Solve(seen, priors, &marginal, stopwatch, interrupted);
    } catch (...) {  // as if nothing had been asked
      state_ = before;
      information_ = information_before;
      throw;
    }
    seen_time_ = time;
    Eigen::VectorXd way = state_.frame - before.frame;
    way.head<3>() = Log(state_.RootRotation() * before.RootRotation().transpose());
    const double share = 1.0 - std::exp(-dt / options_.velocity_time);
    velocity_ += share * (way / dt - velocity_);
    const auto met = energies_.find("reprojection");
    const double most = std::pow(options_.stage.reprojection.sigma, 2) * visible;
    bad_ = met != energies_.end() && met->second > kBad * most ? bad_ + 1 : 0;
    status_ = TrackStatus::kTracked;
    time_ = time;
    const bool suspicious = time >= trusted_until_ && TotalOf(energies_) > kSuspicious * 2.0 * visible;
    if ((rival_ || suspicious) && visible >= kMinKeypoints) {
      try {
        GrowRival(seen, priors, stopwatch, interrupted);
      } catch (const std::invalid_argument&) {  // keypoints that no start can be made of
        rival_.reset();
      }
    }
  } else {
    velocity_ *= std::exp(-dt / options_.velocity_time);
    status_ = TrackStatus::kPredicted;
  }
  time_ = time;
  if (bad_ >= options_.most_bad) Lose();
  return status_;
}

}  // namespace smplceres
