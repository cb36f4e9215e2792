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

// The tips of the fingers, in SMPL-X's order, then the names of their vertices.
void AppendTips(const char* side, const std::vector<int>& vertices, std::vector<Landmark>* landmarks) {
  size_t i = 0;
  for (const char* finger : {"thumb", "index", "middle", "ring", "pinky"})
    landmarks->push_back({std::string(side) + "_" + finger + "_tip", {vertices[i++]}, {1.0}});
}

std::string Numbered(const std::string& name, int number) { return name + "_" + std::to_string(number); }

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

const std::vector<std::string>& FaceLandmarks() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    const auto add = [&](const std::string& name, const std::vector<int>& numbers) {
      for (const int k : numbers) all.push_back(Numbered(name, k));
    };
    add("right_jaw", {0, 1, 2, 3, 4, 5, 6, 7});
    all.emplace_back("chin");
    add("left_jaw", {7, 6, 5, 4, 3, 2, 1, 0});
    add("right_brow", {0, 1, 2, 3, 4});
    add("left_brow", {4, 3, 2, 1, 0});
    add("nose_bridge", {0, 1, 2, 3});
    add("right_nostril", {0, 1});
    all.emplace_back("nostrils");
    add("left_nostril", {1, 0});
    add("right_eye", {0, 1, 2, 3, 4, 5});
    add("left_eye", {3, 2, 1, 0, 5, 4});
    add("right_mouth", {0, 1, 2});
    all.emplace_back("mouth_top");
    add("left_mouth", {2, 1, 0, 3, 4});
    all.emplace_back("mouth_bottom");
    add("right_mouth", {4, 3});
    add("right_lip", {0, 1});
    all.emplace_back("lip_top");
    add("left_lip", {1, 0, 2});
    all.emplace_back("lip_bottom");
    add("right_lip", {2});
    return all;
  }();
  return names;
}

const std::vector<std::string>& FingerLocations() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    AppendHands(&all);
    for (const char* side : {"left", "right"})
      for (const char* finger : {"thumb", "index", "middle", "ring", "pinky"})
        all.push_back(std::string(side) + "_" + finger + "_tip");
    return all;
  }();
  return names;
}

// Source: the smplx package's vertex ids, which SMPLify-X uses; head_top: SMPLify.
std::vector<Landmark> KnownLandmarks(std::int64_t num_vertices, std::int64_t num_joints) {
  std::vector<Landmark> landmarks;
  if (num_vertices == 6890 && (num_joints == 24 || num_joints == 52)) {
    landmarks = {AtVertex("nose", 332),
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
    if (num_joints == 52) {
      AppendTips("left", {2746, 2319, 2445, 2556, 2673}, &landmarks);
      AppendTips("right", {6191, 5782, 5905, 6016, 6133}, &landmarks);
    }
  }
  if (num_vertices == 10475 && num_joints == 55) {
    landmarks = {AtVertex("nose", 9120),
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
    AppendTips("left", {5361, 4933, 5058, 5169, 5286}, &landmarks);
    AppendTips("right", {8079, 7669, 7794, 7905, 8022}, &landmarks);
  }
  return landmarks;
}

}  // namespace smplceres
