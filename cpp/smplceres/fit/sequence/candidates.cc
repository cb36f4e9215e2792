#include "smplceres/fit/sequence/candidates.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "smplceres/body/pose_bodies.h"
#include "smplceres/terms/reprojection.h"

namespace smplceres {
namespace {

// Maximum number of candidates per frame, and the relative difference of energies below which two count as
// equal. On 36 training motions as in benchmarks/sequence.py, joints have errors of 48 mm, and of 51 mm
// without depth flips among the initial estimates.
constexpr size_t kMaxCandidates = 10;
constexpr double kEqualEnergies = 1e-5;

}  // namespace

Candidate CandidateOf(const Fit& fit) {
  const auto keypoints = fit.energies.find(kReprojectionTerm.name);
  return {fit.state.variables,
          fit.cost(),
          keypoints == fit.energies.end() ? 0.0 : keypoints->second,
          fit.state.place.pixels_per_metre};
}

std::vector<Candidate> LowestFew(std::vector<Candidate> candidates) {
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.energy < b.energy;
  });
  std::vector<Candidate> few;
  for (Candidate& each : candidates) {
    if (few.size() == kMaxCandidates) break;
    if (few.empty() || each.energy > few.back().energy * (1.0 + kEqualEnergies))
      few.push_back(std::move(each));
  }
  return few;
}

Eigen::VectorXd EnergiesInOneUnit(const std::vector<Candidate>& candidates) {
  Eigen::VectorXd energies(static_cast<Eigen::Index>(candidates.size()));
  const Eigen::VectorXd& unit = candidates.front().pixels_per_metre;
  Eigen::Index row = 0;
  for (const Candidate& each : candidates) {
    double squares = 0.0;
    int num_views = 0;
    for (Eigen::Index v = 0; v < unit.size(); ++v) {
      if (!(each.pixels_per_metre[v] > 0.0 && unit[v] > 0.0)) continue;
      squares += std::pow(each.pixels_per_metre[v] / unit[v], 2);
      ++num_views;
    }
    const double ratio = num_views > 0 ? squares / num_views : 1.0;
    energies[row++] = each.energy + (ratio - 1.0) * each.keypoint_energy;
  }
  return energies;
}

RowMatrix JointsOf(const BodyModel& model, const std::vector<Candidate>& candidates) {
  const auto N = static_cast<Eigen::Index>(candidates.size());
  RowMatrix shape(N, model.num_directions()), global_orient(N, 3), transl(N, 3);
  RowMatrix body_pose(N, model.num_pose_angles());
  for (Eigen::Index i = 0; i < N; ++i) {
    const Variables& variables = candidates[static_cast<size_t>(i)].variables;
    shape.row(i) = variables.Shape();
    global_orient.row(i) = variables.GlobalOrient();
    body_pose.row(i) = variables.Pose();
    transl.row(i) = variables.Transl();
  }
  const auto rows = [](const RowMatrix& matrix) {
    return BodyPoses::Rows(matrix.data(), matrix.rows(), matrix.cols());
  };
  RowMatrix joints(N, model.joint_template().size());
  PoseBodies<double>(model,
                     {rows(shape), rows(global_orient), rows(body_pose), rows(transl)},
                     1,
                     Interrupted(),
                     joints.data(),
                     nullptr);
  return joints;
}

ClipStep PackCandidates(const std::vector<std::vector<Candidate>>& frames) {
  std::vector<Variables> variables;
  NumberArray counts{{static_cast<int>(frames.size())}, {}}, energies, pixels_per_metre;
  int num_views = 0;
  for (const std::vector<Candidate>& of_frame : frames) {
    counts.values.push_back(static_cast<double>(of_frame.size()));
    for (const Candidate& each : of_frame) {
      variables.push_back(each.variables);
      energies.values.insert(energies.values.end(), {each.energy, each.keypoint_energy});
      const Eigen::VectorXd& units = each.pixels_per_metre;
      pixels_per_metre.values.insert(pixels_per_metre.values.end(), units.begin(), units.end());
      num_views = static_cast<int>(units.size());
    }
  }
  const int N = static_cast<int>(variables.size());
  energies.shape = {N, 2};
  pixels_per_metre.shape = {N, num_views};
  ClipStep step;
  PackVariables(variables, &step);
  step.arrays["counts"] = std::move(counts);
  step.arrays["energies"] = std::move(energies);
  step.arrays["pixels_per_metre"] = std::move(pixels_per_metre);
  return step;
}

std::vector<std::vector<Candidate>> UnpackCandidates(const BodyModel& model,
                                                     size_t num_frames,
                                                     size_t num_views,
                                                     const ClipStep& step) {
  const RowMatrix counts = UnpackRows(step, "counts", static_cast<Eigen::Index>(num_frames), 1);
  if (!(counts.array() >= 0.0 && counts.array() <= static_cast<double>(kMaxCandidates)).all())
    throw std::invalid_argument("checkpoint: expected counts of 0 to " + std::to_string(kMaxCandidates) +
                                " candidates a frame, got others");
  const auto N = static_cast<Eigen::Index>(counts.sum());
  std::vector<Variables> variables = UnpackVariables(model, num_views, step, static_cast<size_t>(N));
  const RowMatrix energies = UnpackRows(step, "energies", N, 2);
  const RowMatrix units = UnpackRows(step, "pixels_per_metre", N, static_cast<Eigen::Index>(num_views));
  std::vector<std::vector<Candidate>> frames(num_frames);
  Eigen::Index row = 0;
  for (size_t f = 0; f < num_frames; ++f)
    for (int i = 0; i < static_cast<int>(counts(static_cast<Eigen::Index>(f), 0)); ++i, ++row)
      frames[f].push_back({std::move(variables[static_cast<size_t>(row)]),
                           energies(row, 0),
                           energies(row, 1),
                           units.row(row)});
  return frames;
}

}  // namespace smplceres
