#include "smplceres/fit/sequence/frames_alone.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "smplceres/fit/many/fit_frames.h"
#include "smplceres/fit/sequence/cheapest_path.h"
#include "smplceres/fit/sequence/fill_gaps.h"
#include "smplceres/fit/start/depth_flips.h"

namespace smplceres {
namespace {

// Number of frames per saved step; an interrupted run loses at most one step.
constexpr int kChunk = 64;
// s, metres / s^0.5. The motion of a flipped limb, half a metre in 1/30 s, is very unlikely.
constexpr double kWalkSigma = 0.5;

using Candidates = std::vector<std::vector<Candidate>>;  // of each frame

// The initial estimate of a frame; if none, it comes from the keypoints.
using InitialEstimates = std::function<std::vector<std::optional<Variables>>(int frame)>;

std::vector<std::optional<Variables>> FromKeypoints(int) { return {std::nullopt}; }

// Candidates of a frame are compared with equal weights and equal cameras.
std::vector<Stage> StagesAlone(const ClipRun& run) {
  std::vector<Stage> stages = run.options().stages_alone;
  stages.back().reference_noise = 0.0;
  for (Stage& stage : stages) stage.free_cameras = false;
  return stages;
}

Candidates FitChunk(ClipRun* run,
                    const std::vector<Stage>& stages,
                    const std::vector<int>& chunk,
                    const InitialEstimates& initial_estimates) {
  std::vector<Scene> scenes;
  std::vector<std::optional<Variables>> initial;
  std::vector<size_t> owner;  // number in the chunk
  for (size_t i = 0; i < chunk.size(); ++i)
    for (std::optional<Variables>& estimate : initial_estimates(chunk[i])) {
      scenes.push_back(run->SceneOf(chunk[i]));
      initial.push_back(std::move(estimate));
      owner.push_back(i);
    }
  FitOptions options;
  options.stages = stages;
  options.start_pose = run->options().start_pose;
  options.interrupted = run->interrupted();
  const std::vector<FrameFit> fits = FitFrames(scenes, options, initial, run->options().threads);
  Candidates candidates(chunk.size());
  for (size_t i = 0; i < fits.size(); ++i)
    if (fits[i].fit) candidates[owner[i]].push_back(CandidateOf(*fits[i].fit));
  for (std::vector<Candidate>& of_frame : candidates) of_frame = LowestFew(std::move(of_frame));
  return candidates;
}

Candidates FitInChunks(ClipRun* run,
                       const std::string& what,
                       const std::vector<Stage>& stages,
                       const std::vector<int>& chosen,
                       const InitialEstimates& initial_estimates) {
  Candidates candidates;
  const int count = static_cast<int>(chosen.size());
  for (int first = 0; first < count; first += kChunk) {
    const int last = std::min(first + kChunk, count);
    const std::vector<int> chunk(chosen.begin() + first, chosen.begin() + last);
    std::string name = what + ", " + std::to_string(first);
    std::replace(name.begin(), name.end(), ' ', '_');
    const ClipStep step =
        run->Step(name, [&] { return PackCandidates(FitChunk(run, stages, chunk, initial_estimates)); });
    for (std::vector<Candidate>& each : UnpackCandidates(run->model(), chunk.size(), run->num_views(), step))
      candidates.push_back(std::move(each));
    run->Progress(what, last, count);
  }
  return candidates;
}

// The cheapest path's candidates of the given frames, each of which has at least one.
std::vector<Variables> ChoosePath(const ClipRun& run,
                                  const std::vector<int>& frames,
                                  const Candidates& candidates) {
  const auto time = [&](size_t i) { return run.times()[static_cast<size_t>(frames[i])]; };
  std::vector<Eigen::VectorXd> energies;
  for (const std::vector<Candidate>& of_frame : candidates) energies.push_back(EnergiesInOneUnit(of_frame));
  RowMatrix joints = JointsOf(run.model(), candidates[0]);
  const auto steps = [&](size_t i) {
    const RowMatrix before = std::exchange(joints, JointsOf(run.model(), candidates[i]));
    Eigen::MatrixXd step(joints.rows(), before.rows());
    for (Eigen::Index c = 0; c < step.rows(); ++c)
      step.row(c) = (before.rowwise() - joints.row(c)).rowwise().squaredNorm().transpose();
    const double variance = kWalkSigma * kWalkSigma * (time(i) - time(i - 1));
    return Eigen::MatrixXd(step / variance * run.options().gaussian_weight);
  };
  const std::vector<int> path = CheapestPath(energies, steps);
  std::vector<Variables> chosen;
  for (size_t i = 0; i < path.size(); ++i)
    chosen.push_back(candidates[i][static_cast<size_t>(path[i])].variables);
  return chosen;
}

}  // namespace

std::vector<std::vector<Candidate>> FitFramesAlone(ClipRun* run,
                                                   const std::string& what,
                                                   const std::vector<int>& chosen) {
  return FitInChunks(run, what, StagesAlone(*run), chosen, FromKeypoints);
}

void ThrowNobody(const ClipRun& run) {
  throw std::invalid_argument("keypoints: expected a frame with a person that can be fitted, got none in " +
                              std::to_string(run.size()));
}

std::vector<Variables> PathOfFramesAlone(ClipRun* run) {
  std::vector<int> all(static_cast<size_t>(run->size()));
  for (size_t f = 0; f < all.size(); ++f) all[f] = static_cast<int>(f);
  const Candidates first = FitFramesAlone(run, "frames alone", all);
  std::vector<int> found;
  for (const int f : all)
    if (!first[static_cast<size_t>(f)].empty()) found.push_back(f);
  if (found.empty()) ThrowNobody(*run);

  const auto other_estimates = [&](int frame) {
    std::vector<std::optional<Variables>> estimates;
    for (const int near : {frame - 1, frame + 1})
      if (near >= 0 && near < run->size())
        for (const Candidate& each : first[static_cast<size_t>(near)]) estimates.push_back(each.variables);
    const Variables& fitted = first[static_cast<size_t>(frame)].front().variables;
    for (DepthFlip& flip : DepthFlips(run->SceneOf(frame), fitted))
      estimates.push_back(std::move(flip.variables));
    return estimates;
  };
  Candidates candidates =
      FitInChunks(run, "frames from other starts", {StagesAlone(*run).back()}, found, other_estimates);
  for (size_t i = 0; i < found.size(); ++i) {
    const std::vector<Candidate>& of_frame = first[static_cast<size_t>(found[i])];
    candidates[i].insert(candidates[i].begin(), of_frame.begin(), of_frame.end());
  }
  std::vector<Variables> path = FillGaps(found, ChoosePath(*run, found, candidates), run->times());
  for (Variables& each : path) each = run->WithCameras(each);
  return path;
}

}  // namespace smplceres
