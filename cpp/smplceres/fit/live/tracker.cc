#include "smplceres/fit/live/tracker.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "smplceres/fit/start/initialise.h"
#include "smplceres/fit/start/lifted_start.h"
#include "smplceres/solve/choose.h"
#include "smplceres/solve/levenberg_marquardt.h"

namespace smplceres {
namespace {

// Keypoints disagree with the body if their mean robust energy exceeds this fraction of its maximum.
constexpr double kDisagreement = 0.25;

// Energy per visible coordinate above which an alternative starts. On training motions, 5 % of the updates
// with errors below 80 mm exceed 25, and half of those with errors above 100 mm exceed 55.
constexpr double kSuspiciousEnergy = 30.0;
// An alternative with less than this fraction of the energy replaces the state.
constexpr double kClearlyLower = 0.8;
constexpr int kAlternativeIterations = 8;  // maximum per stage, to limit the time of an update
constexpr double kTrustedSeconds = 0.5;    // no new alternative starts so soon after one has finished

int NumVisible(const Scene& scene) {
  int count = 0;
  for (const View& view : scene.views) count += static_cast<int>(view.Visible().size());
  return count;
}

}  // namespace

Tracker::Tracker(const BodyModel& model, TrackerOptions options)
    : model_(model), options_(std::move(options)), state_(model, 0), recent_(options_.lag, options_.walk) {
  if (options_.cold.empty()) throw std::invalid_argument("cold: expected at least one stage, got none");
  if (options_.lag < 1)
    throw std::invalid_argument("lag: expected at least one frame, got " + std::to_string(options_.lag));
  if (Choose(options_.stage.solver, Structure{}) != Method::kNormalEquations)
    throw std::invalid_argument(
        "stage: expected the minimizer 'lm' and the linear solver 'auto', got others");
  for (const auto& [name, value] :
       {std::pair<const char*, double>{"sigma_orient", options_.walk.sigma_orient},
        {"sigma_pose", options_.walk.sigma_pose},
        {"sigma_transl", options_.walk.sigma_transl},
        {"weight", options_.walk.weight},
        {"velocity_time", options_.velocity_time},
        {"shape_memory", options_.walk.shape_memory},
        {"lost_after", options_.lost_after},
        {"budget", options_.budget}})
    if (!(value > 0.0))
      throw std::invalid_argument(std::string(name) + ": expected a number > 0, got " +
                                  std::to_string(value));
  Reset();
}

void Tracker::Reset() {
  has_time_ = false;
  MarkLost();
}

void Tracker::MarkLost() {
  status_ = TrackStatus::kLost;
  next_cold_ = 0;
  bad_ = 0;
  alternative_.reset();
  trusted_until_ = 0.0;
  recent_.Clear();
  velocity_ = Eigen::VectorXd::Zero(state_.frame.size());
  const Eigen::Index size = state_.frame.size() + state_.betas.size();
  information_ = Eigen::MatrixXd::Zero(size, size);
  energies_.clear();
}

Eigen::VectorXd Tracker::PredictedStep(double time) const {
  // The integral of a velocity that decays exponentially.
  const double dt = std::max(time - recent_.newest_time(), 0.0);
  return options_.velocity_time * (1.0 - std::exp(-dt / options_.velocity_time)) * velocity_;
}

Eigen::VectorXd Tracker::velocity() const {
  if (recent_.empty()) return velocity_;
  return std::exp(-(time_ - recent_.newest_time()) / options_.velocity_time) * velocity_;
}

Variables Tracker::Predict(double time) const {
  Variables predicted = recent_.empty() ? state_ : recent_.newest();
  predicted.Recentre();
  if (recent_.empty()) return predicted;
  predicted.Step(PredictedStep(time));
  return predicted;
}

void Tracker::SetInformation(const UpdateEquations& equations) {
  information_ = equations.Information();
  const int root = state_.layout.root();
  const Eigen::Matrix3d world_to_chart =
      LeftJacobian(Eigen::Vector3d(state_.frame.segment<3>(root))).inverse();
  information_.middleRows<3>(root) = (world_to_chart.transpose() * information_.middleRows<3>(root)).eval();
  information_.middleCols<3>(root) = (information_.middleCols<3>(root) * world_to_chart).eval();
}

void Tracker::Solve(const Scene& scene,
                    double time,
                    const Stopwatch& stopwatch,
                    const Interrupted& interrupted) {
  const Eigen::VectorXd predicted_step = PredictedStep(time);
  const std::optional<Quadratic> past = recent_.Eliminate(time, state_, predicted_step);
  const ObservedFrame frame(options_.stage, scene, time, state_);
  UpdateEquations equations(frame, state_, past);
  Eigen::VectorXd x = equations.Start();
  const double remaining = std::max(options_.budget - stopwatch.Seconds(), 1e-6);
  const Summary summary = LevenbergMarquardt(options_.stage.solver, remaining, interrupted, &equations, &x);
  iterations_ += summary.num_iterations;
  if (!summary.usable() || !x.allFinite()) return;
  energies_ = equations.EnergiesAt(x);
  state_ = frame.measurements->At(x);
  SetInformation(equations);
  if (!past) {
    recent_.Begin(frame, state_);
    velocity_.setZero();
    return;
  }
  const double dt = time - recent_.newest_time();
  const Eigen::VectorXd step = recent_.Add(frame, state_);
  const double share = 1.0 - std::exp(-dt / options_.velocity_time);
  velocity_ += share * (step / dt - velocity_);
}

void Tracker::SetInformationOfPrediction(const Scene& scene, double time) {
  UpdateEquations equations(ObservedFrame(options_.stage, scene, time, state_),
                            state_,
                            recent_.Eliminate(time, state_, PredictedStep(time)));
  if (equations.LinearizeAtStart()) SetInformation(equations);
}

void Tracker::Begin(const Scene& scene, double time) {
  state_.Recentre();
  recent_.Clear();
  const ObservedFrame frame(options_.stage, scene, time, state_);
  UpdateEquations equations(frame, state_, std::nullopt);
  if (equations.LinearizeAtStart()) SetInformation(equations);
  recent_.Begin(frame, state_);
  velocity_.setZero();
}

std::pair<State, size_t> Tracker::ColdStart(const Scene& scene) const {
  if (std::optional<LiftedStart> lifted = StartLifted(scene, options_.start_pose, options_.cold))
    return {std::move(lifted->state), lifted->first_stage};
  return {Initialise(scene, options_.start_pose, 1).front(), 0};
}

void Tracker::StartCold(const Scene& scene,
                        double time,
                        const Stopwatch& stopwatch,
                        const Interrupted& interrupted) {
  FitOptions options;
  options.max_time = options_.budget;
  options.interrupted = interrupted;
  State start{state_, {}};
  if (next_cold_ == 0) {
    std::tie(start, next_cold_) = ColdStart(scene);
    status_ = TrackStatus::kStarting;
  } else {
    MoveInFront(scene, &start.variables);
    start.place = PlaceOf(scene, start.variables);
  }
  options.stages.assign(options_.cold.begin() + static_cast<std::ptrdiff_t>(next_cold_), options_.cold.end());
  const Fit fit = RunStages(scene, options, start, stopwatch);
  next_cold_ += fit.stages.size();
  for (const StageSummary& stage : fit.stages) iterations_ += stage.summary.num_iterations;
  state_ = fit.state.variables;
  energies_ = fit.energies;
  if (next_cold_ < options_.cold.size()) return;
  Begin(scene, time);
  status_ = TrackStatus::kTracked;
}

void Tracker::RunAlternative(const Scene& scene, const Stopwatch& stopwatch, const Interrupted& interrupted) {
  State start{state_, {}};
  if (alternative_) {
    start = StartFrom(scene, *alternative_);
  } else {
    std::tie(start, next_of_alternative_) = ColdStart(scene);
  }
  FitOptions options;
  options.max_time = options_.budget;
  options.interrupted = interrupted;
  options.stages = {options_.cold[next_of_alternative_]};
  options.stages[0].solver.max_iterations =
      std::min(options.stages[0].solver.max_iterations, kAlternativeIterations);
  const Fit fit = RunStages(scene, options, start, stopwatch);
  for (const StageSummary& stage : fit.stages) iterations_ += stage.summary.num_iterations;
  next_of_alternative_ += fit.stages.size();
  alternative_ = fit.state.variables;
  if (next_of_alternative_ < options_.cold.size()) return;
  Variables candidate = *alternative_;
  alternative_.reset();
  trusted_until_ = time_ + kTrustedSeconds;
  candidate.Recentre();
  const Objective objective(options_.stage, scene, State{candidate, PlaceOf(scene, candidate)});
  std::map<std::string, double> energies = objective.Energies(candidate);
  if (!(TotalOf(energies) < kClearlyLower * TotalOf(energies_))) return;
  state_ = candidate;
  energies_ = std::move(energies);
  Begin(scene, time_);
}

TrackStatus Tracker::Update(const Scene& scene, double time, const Interrupted& interrupted) {
  const Stopwatch stopwatch;
  if (!std::isfinite(time)) throw std::invalid_argument("timestamp: expected seconds, got no number");
  if (has_time_ && !(time > time_))
    throw std::invalid_argument("timestamp: expected more than the last, " + std::to_string(time_) +
                                " s, got " + std::to_string(time));
  const int visible = NumVisible(scene);
  iterations_ = 0;
  const bool on_track = status_ == TrackStatus::kTracked || status_ == TrackStatus::kPredicted;
  if (on_track && visible == 0 && time - recent_.newest_time() > options_.lost_after) MarkLost();
  if (status_ == TrackStatus::kLost || status_ == TrackStatus::kStarting) {
    if (visible >= kMinKeypoints) {
      StartCold(scene, time, stopwatch, interrupted);
    }
    has_time_ = true;
    time_ = time;
    return status_;
  }

  const Variables before = state_;
  state_ = Predict(time);
  if (visible == 0) {
    SetInformationOfPrediction(scene, time);
    status_ = TrackStatus::kPredicted;
    time_ = time;
    return status_;
  }
  try {
    MoveInFront(scene, &state_);
    Solve(scene, time, stopwatch, interrupted);
  } catch (...) {
    state_ = before;
    throw;
  }
  status_ = TrackStatus::kTracked;
  time_ = time;
  const auto keypoints = energies_.find(kReprojectionTerm.name);
  const double max_energy = std::pow(options_.stage.reprojection.sigma, 2) * visible;
  bad_ = keypoints != energies_.end() && keypoints->second > kDisagreement * max_energy ? bad_ + 1 : 0;
  const bool suspicious = time >= trusted_until_ && TotalOf(energies_) > kSuspiciousEnergy * 2.0 * visible;
  if ((alternative_ || suspicious) && visible >= kMinKeypoints) {
    try {
      RunAlternative(scene, stopwatch, interrupted);
    } catch (const std::invalid_argument&) {  // the keypoints do not determine an initial estimate
      alternative_.reset();
    }
  }
  if (bad_ >= options_.max_bad) MarkLost();
  return status_;
}

}  // namespace smplceres
