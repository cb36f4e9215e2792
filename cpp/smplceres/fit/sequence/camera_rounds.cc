#include "smplceres/fit/sequence/camera_rounds.h"

#include "smplceres/fit/sequence/frames_alone.h"

namespace smplceres {
namespace {

constexpr int kCameraFrames = 60;
constexpr int kCameraRounds = 2;

}  // namespace

void RefineCameras(ClipRun* run) {
  const std::vector<int> chosen = run->Spread(kCameraFrames);
  for (int round = 0; round < kCameraRounds; ++round) {
    const std::string what = "cameras, round " + std::to_string(round + 1);
    const std::vector<std::vector<Candidate>> candidates = FitFramesAlone(run, what, chosen);
    std::vector<int> found;
    std::vector<Variables> initial;
    for (size_t i = 0; i < chosen.size(); ++i) {
      if (candidates[i].empty()) continue;
      found.push_back(chosen[i]);
      initial.push_back(run->WithCameras(candidates[i].front().variables));
    }
    if (found.empty()) ThrowNobody(*run);
    run->SetCameras(run->SolveUncoupled("cameras_" + std::to_string(round), found, initial));
  }
}

}  // namespace smplceres
