#include "smplceres/io/skeleton.h"

namespace smplceres {
namespace {

// SMPL-H's order of the fingers, which SMPL-X keeps.
void AppendHands(std::vector<std::string>* names) {
  for (const char* side : {"left", "right"})
    for (const char* finger : {"index", "middle", "pinky", "ring", "thumb"})
      for (const char* segment : {"1", "2", "3"})
        names->push_back(std::string(side) + "_" + finger + segment);
}

Landmark AtVertex(const char* name, int vertex) { return {name, {vertex}, {1.0}}; }

}  // namespace

const std::vector<std::string>& SmplJoints() {
  static const std::vector<std::string> joints = {
      "pelvis",     "left_hip",    "right_hip",    "spine1",      "left_knee",     "right_knee",
      "spine2",     "left_ankle",  "right_ankle",  "spine3",      "left_foot",     "right_foot",
      "neck",       "left_collar", "right_collar", "head",        "left_shoulder", "right_shoulder",
      "left_elbow", "right_elbow", "left_wrist",   "right_wrist", "left_hand",     "right_hand"};
  return joints;
}

std::vector<std::string> JointNames(int num_joints) {
  constexpr int kSmplh = 52, kSmplx = 55;
  if (num_joints == static_cast<int>(SmplJoints().size())) return SmplJoints();
  std::vector<std::string> names;
  if (num_joints == kSmplh || num_joints == kSmplx) {
    names.assign(SmplJoints().begin(), SmplJoints().begin() + kSharedJoints);
    if (num_joints == kSmplx)
      for (const char* name : {"jaw", "left_eye_smplhf", "right_eye_smplhf"}) names.emplace_back(name);
    AppendHands(&names);
    return names;
  }
  for (int joint = 0; joint < num_joints; ++joint) names.push_back("joint_" + std::to_string(joint));
  return names;
}

// Source: the smplx package's vertex ids, which SMPLify-X uses; head_top: SMPLify.
std::vector<Landmark> KnownLandmarks(std::int64_t num_vertices, std::int64_t num_joints) {
  if (num_vertices == 6890 && (num_joints == 24 || num_joints == 52))
    return {AtVertex("nose", 332),
            AtVertex("right_eye", 6260),
            AtVertex("left_eye", 2800),
            AtVertex("right_ear", 4071),
            AtVertex("left_ear", 583),
            AtVertex("left_big_toe", 3216),
            AtVertex("left_small_toe", 3226),
            AtVertex("left_heel", 3387),
            AtVertex("right_big_toe", 6617),
            AtVertex("right_small_toe", 6624),
            AtVertex("right_heel", 6787),
            AtVertex("head_top", 411)};
  if (num_vertices == 10475 && num_joints == 55)
    return {AtVertex("nose", 9120),
            AtVertex("right_eye", 9929),
            AtVertex("left_eye", 9448),
            AtVertex("right_ear", 616),
            AtVertex("left_ear", 6),
            AtVertex("left_big_toe", 5770),
            AtVertex("left_small_toe", 5780),
            AtVertex("left_heel", 8846),
            AtVertex("right_big_toe", 8463),
            AtVertex("right_small_toe", 8474),
            AtVertex("right_heel", 8635)};
  return {};
}

}  // namespace smplceres
