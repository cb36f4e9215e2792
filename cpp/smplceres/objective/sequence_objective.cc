#include "smplceres/objective/sequence_objective.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "smplceres/body/parts.h"
#include "smplceres/cost/points_cost.h"

namespace smplceres {
namespace {

// Fingers, jaw and eyes are left out, since they move with their parents.
constexpr int kBodyJoints = 22;

std::shared_ptr<const SkinnedPoints> JointPoints(const BodyModel& model) {
  auto points = std::make_shared<SkinnedPoints>(model);
  const int joints =
      IsSmplTree(model.parents()) ? std::min(model.num_joints(), kBodyJoints) : model.num_joints();
  for (int joint = 0; joint < joints; ++joint) points->Add(model, {{joint, 1.0}}, {});
  return points;
}

void CheckTimes(const std::vector<double>& times, size_t num_frames) {
  if (times.size() != num_frames)
    throw std::invalid_argument("times: expected " + std::to_string(num_frames) + ", one per frame, got " +
                                std::to_string(times.size()));
  for (size_t f = 0; f + 1 < times.size(); ++f)
    if (!(times[f] < times[f + 1]) || !std::isfinite(times[f + 1]))
      throw std::invalid_argument("times: expected ascending seconds, got " + std::to_string(times[f]) +
                                  " before " + std::to_string(times[f + 1]));
}

}  // namespace

SequenceObjective::SequenceObjective(const Stage& stage,
                                     const std::vector<Scene>& frames,
                                     const std::vector<double>& times,
                                     const std::vector<State>& states) {
  if (frames.empty() || states.size() != frames.size())
    throw std::invalid_argument("frames, states: expected as many of each, at least one, got " +
                                std::to_string(frames.size()) + " and " + std::to_string(states.size()));
  CheckTimes(times, frames.size());
  for (size_t f = 0; f < frames.size(); ++f) {
    states[f].variables.Check(*frames[0].model, frames[0].views.size());
    if (frames[f].views.size() != frames[0].views.size() || frames[f].model != frames[0].model)
      throw std::invalid_argument(
          "frames: expected the same body and number of views in all, got others in frame " +
          std::to_string(f));
    frames_.push_back(std::make_unique<Objective>(stage, frames[f], states[f]));
  }
  AddCouplings(stage, frames[0].model, times, states);
}

void SequenceObjective::AddCouplings(const Stage& stage,
                                     const std::shared_ptr<const BodyModel>& model,
                                     const std::vector<double>& times,
                                     const std::vector<State>& states) {
  const size_t F = times.size();
  if (stage.acceleration.weight != 0.0) {
    Check(stage.acceleration);
    const double scale = ResidualScale(kAccelerationTerm, stage.acceleration.weight);
    const std::shared_ptr<const SkinnedPoints> points = JointPoints(*model);
    const auto kinematics_of = [&](const State& state) {
      return std::make_shared<FrameKinematics>(model, state.variables.root_anchor);
    };
    std::vector<std::shared_ptr<FrameKinematics>> kinematics;
    for (const State& state : states) kinematics.push_back(kinematics_of(state));
    for (size_t f = 1; f + 1 < F; ++f) {
      auto term = std::make_shared<PointTermSet<Acceleration>>();
      for (int j = 0; j < points->size(); ++j)
        term->Add(Acceleration(times[f] - times[f - 1], times[f + 1] - times[f], scale, stage.acceleration),
                  {j, points->size() + j, 2 * points->size() + j});
      auto at_frames = std::make_shared<FramePoints>();
      at_frames->groups.push_back({points, std::move(term), std::nullopt});
      for (size_t i = f - 1; i <= f + 1; ++i)
        at_frames->frames.push_back(stage.solver.num_threads > 1 ? kinematics_of(states[i]) : kinematics[i]);
      couplings_.push_back({&kAccelerationTerm,
                            stage.solver.jacobian == JacobianMethod::kFast
                                ? MakePointsCost(std::move(at_frames))
                                : MakeAutoDiffPointsCost(std::move(at_frames)),
                            {f - 1, f, f + 1},
                            true});
    }
  }
  if (stage.rotation_walk.weight != 0.0) {
    Check(stage.rotation_walk);
    const Slice& body_pose = states[0].variables.layout.of(SliceKind::kRotations);
    for (size_t f = 0; f + 1 < F; ++f)
      couplings_.push_back({&kRotationWalkTerm,
                            std::make_unique<RotationWalkCost>(
                                stage.rotation_walk, times[f + 1] - times[f], body_pose, body_pose.size),
                            {f, f + 1},
                            false});
  }
}

std::vector<FreeSet> SequenceObjective::Free(int held, bool shared) const {
  FreeSet any_frame = frames_.front()->free();
  for (const auto& frame : frames_) any_frame.AddShared(frame->free());
  std::vector<FreeSet> free;
  for (size_t f = 0; f < frames_.size(); ++f) {
    FreeSet of_frame = frames_[f]->free();
    if (shared) {
      of_frame.AddShared(any_frame);
    } else {
      of_frame.HoldShared();
    }
    if (static_cast<int>(f) < held) of_frame.HoldFrame();
    free.push_back(std::move(of_frame));
  }
  return free;
}

void SequenceObjective::AddTo(ceres::Problem* problem,
                              std::vector<Variables>* variables,
                              const std::vector<FreeSet>& free) const {
  const std::vector<double*> first = variables->front().blocks();
  Objective::SharedTerms added;
  for (size_t f = 0; f < frames_.size(); ++f) {
    std::vector<double*> blocks = first;
    blocks[kFrame] = (*variables)[f].frame.data();
    frames_[f]->AddTo(problem, blocks, free[f], &added);
  }
  for (const Coupling& coupling : couplings_) {
    std::vector<double*> parameters;
    for (const size_t f : coupling.frames) parameters.push_back((*variables)[f].frame.data());
    if (coupling.with_betas) parameters.push_back(first[kBetas]);
    problem->AddResidualBlock(coupling.cost.get(), nullptr, parameters);
  }
}

std::map<std::string, double> SequenceObjective::Energies(const std::vector<Variables>& variables) const {
  std::map<std::string, double> energies;
  Objective::SharedTerms counted;
  for (size_t f = 0; f < frames_.size(); ++f) {
    const std::map<std::string, double> of_frame = frames_[f]->Energies(variables[f], &counted);
    if (of_frame.empty() && frames_[f]->num_residuals() > 0) return {};
    for (const auto& [name, energy] : of_frame) energies[name] += energy;
  }
  for (const Coupling& coupling : couplings_) {
    std::vector<const double*> parameters;
    for (const size_t f : coupling.frames) parameters.push_back(variables[f].frame.data());
    if (coupling.with_betas) parameters.push_back(variables.front().betas.data());
    Eigen::VectorXd residuals(coupling.cost->num_residuals());
    if (!coupling.cost->Evaluate(parameters.data(), residuals.data(), nullptr)) return {};
    energies[coupling.term->name] += residuals.squaredNorm();
  }
  return energies;
}

}  // namespace smplceres
