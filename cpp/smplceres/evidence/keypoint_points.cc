#include "smplceres/evidence/keypoint_points.h"

#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "smplceres/io/skeleton.h"

namespace smplceres {
namespace {

// Substitutes for points that a body lacks: joints of the fingers for SMPL's hand in SMPL-H and SMPL-X, and
// the joint below a landmark that the body's tables do not name.
const std::map<std::string, std::string>& Substitutes() {
  static const std::map<std::string, std::string> substitutes = {{"left_hand", "left_middle1"},
                                                                 {"right_hand", "right_middle1"},
                                                                 {"left_acromion", "left_shoulder"},
                                                                 {"right_acromion", "right_shoulder"},
                                                                 {"left_hip_crease", "left_hip"},
                                                                 {"right_hip_crease", "right_hip"}};
  return substitutes;
}

int JointAt(const NamedBody& body, const std::string& location) {
  const int joint = body.Joint(location);
  const auto substitute = Substitutes().find(location);
  return joint >= 0 || substitute == Substitutes().end() ? joint : body.Joint(substitute->second);
}

using Weighted = std::vector<std::pair<int, double>>;

// False if the body lacks a part of a mean.
bool Locate(const NamedBody& body, const FormatKeypoint& keypoint, Weighted* joints, Weighted* vertices) {
  const double share = 1.0 / static_cast<double>(keypoint.location.size());
  for (const std::string& location : keypoint.location) {
    const int joint = JointAt(body, location);
    if (const Landmark* landmark = body.FindLandmark(location)) {
      for (size_t i = 0; i < landmark->vertices.size(); ++i)
        vertices->emplace_back(landmark->vertices[i], share * landmark->weights[i]);
    } else if (joint >= 0) {
      joints->emplace_back(joint, share);
    } else {
      return false;
    }
  }
  return !keypoint.location.empty();
}

}  // namespace

KeypointRole RoleOf(const FormatKeypoint& keypoint) {
  static const std::map<std::string, KeypointRole> roles = {{"left_shoulder", KeypointRole::kShoulder},
                                                            {"right_shoulder", KeypointRole::kShoulder},
                                                            {"neck", KeypointRole::kNeck},
                                                            {"pelvis", KeypointRole::kHip},
                                                            {"left_hip", KeypointRole::kHip},
                                                            {"right_hip", KeypointRole::kHip},
                                                            {"head", KeypointRole::kHead},
                                                            {"nose", KeypointRole::kHead},
                                                            {"left_eye", KeypointRole::kHead},
                                                            {"right_eye", KeypointRole::kHead},
                                                            {"left_ear", KeypointRole::kHead},
                                                            {"right_ear", KeypointRole::kHead},
                                                            {"head_top", KeypointRole::kHead}};
  static const std::map<std::string, KeypointRole> detailed = [] {
    std::map<std::string, KeypointRole> of_name;
    for (const std::string& name : FingerLocations()) of_name.emplace(name, KeypointRole::kHand);
    const std::vector<std::string>& face = FaceLandmarks();
    for (size_t i = 0; i < face.size(); ++i)
      of_name.emplace(face[i], i < kNumContourLandmarks ? KeypointRole::kContour : KeypointRole::kFace);
    return of_name;
  }();
  if (!keypoint.location.empty())
    if (const auto found = detailed.find(keypoint.location.front()); found != detailed.end())
      return found->second;
  const auto role = keypoint.location.empty() ? roles.end() : roles.find(keypoint.location.front());
  return role == roles.end() ? KeypointRole::kLimb : role->second;
}

KeypointPoints MakeKeypointPoints(const NamedBody& body, const KeypointFormat& format) {
  auto points = std::make_shared<SkinnedPoints>(*body.model);
  KeypointPoints made;
  for (const FormatKeypoint& keypoint : format.keypoints) {
    Weighted joints, vertices;
    const bool located = Locate(body, keypoint, &joints, &vertices);
    made.point_of_keypoint.push_back(
        located ? points->Add(*body.model, joints, vertices, Eigen::Vector3d::Zero()) : -1);
    made.roles.push_back(RoleOf(keypoint));
  }
  if (points->size() == 0)
    throw std::invalid_argument("model: expected a body with points of " + format.name + ", '" + body.name +
                                "' names none of them");
  made.points = std::move(points);
  return made;
}

}  // namespace smplceres
