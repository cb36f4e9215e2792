#include "smplceres/io/keypoint_format.h"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "smplceres/io/skeleton.h"

namespace smplceres {
namespace {

// Parses words `name` (equal to its location), `name=location`, `name=one+other` (their mean)
// and `name=` (no location).
std::vector<FormatKeypoint> Keypoints(const std::string& words) {
  std::vector<FormatKeypoint> keypoints;
  std::istringstream stream(words);
  for (std::string word; stream >> word;) {
    const size_t equals = word.find('=');
    FormatKeypoint keypoint{word.substr(0, equals), {}};
    std::istringstream location(equals == std::string::npos ? word : word.substr(equals + 1));
    for (std::string part; std::getline(location, part, '+');) keypoint.location.push_back(part);
    keypoints.push_back(std::move(keypoint));
  }
  return keypoints;
}

// Order: POSE_BODY_25_BODY_PARTS, OpenPose doc/02_output.md. Locations: SMPLify-X (CVPR 2019), which takes
// the neck to be SMPL's joint and not the middle of the shoulders.
const char* const kOpenPoseBody25 =
    "nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist "
    "mid_hip=pelvis right_hip right_knee right_ankle left_hip left_knee left_ankle "
    "right_eye left_eye right_ear left_ear "
    "left_big_toe left_small_toe left_heel right_big_toe right_small_toe right_heel";

// Order: POSE_BODY_25B_BODY_PARTS, OpenPose src/openpose/pose/poseParameters.cpp. The upper neck is MPII's,
// where neck and head meet: between SMPL's neck (its base) and head (the base of the skull).
const char* const kOpenPoseBody25b =
    "nose left_eye right_eye left_ear right_ear "
    "left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist "
    "left_hip right_hip left_knee right_knee left_ankle right_ankle "
    "upper_neck=neck+head head_top "
    "left_big_toe left_small_toe left_heel right_big_toe right_small_toe right_heel";

// COCO's annotations are on the visible surface, so shoulders and hips are half-way between the joint's
// centre and the skin above the shoulder or in front of the hip. (BODY_25 uses SMPLify-X's joints.)
//
// Order: POSE_COCO_BODY_PARTS, OpenPose src/openpose/pose/poseParameters.cpp.
const char* const kOpenPoseCoco18 =
    "nose neck right_shoulder=right_shoulder+right_acromion right_elbow right_wrist "
    "left_shoulder=left_shoulder+left_acromion left_elbow left_wrist "
    "right_hip=right_hip+right_hip_crease right_knee right_ankle "
    "left_hip=left_hip+left_hip_crease left_knee left_ankle "
    "right_eye left_eye right_ear left_ear";

// Order: hri_msgs/Skeleton2D of ROS (REP-155): as OpenPose's COCO, but for eyes and ears, left before right.
const char* const kHri18 =
    "nose neck right_shoulder=right_shoulder+right_acromion right_elbow right_wrist "
    "left_shoulder=left_shoulder+left_acromion left_elbow left_wrist "
    "right_hip=right_hip+right_hip_crease right_knee right_ankle "
    "left_hip=left_hip+left_hip_crease left_knee left_ankle "
    "left_eye right_eye left_ear right_ear";

// Order: the category `person` of COCO's person_keypoints annotations.
const char* const kCoco17 =
    "nose left_eye right_eye left_ear right_ear "
    "left_shoulder=left_shoulder+left_acromion right_shoulder=right_shoulder+right_acromion "
    "left_elbow right_elbow left_wrist right_wrist "
    "left_hip=left_hip+left_hip_crease right_hip=right_hip+right_hip_crease "
    "left_knee right_knee left_ankle right_ankle";

// Order: MediaPipe Pose Landmarker, PoseLandmark 0 to 32.
const char* const kMediaPipe33 =
    "nose left_eye_inner= left_eye left_eye_outer= right_eye_inner= right_eye right_eye_outer= "
    "left_ear right_ear mouth_left= mouth_right= "
    "left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist "
    "left_pinky= right_pinky= left_index=left_hand right_index=right_hand left_thumb= right_thumb= "
    "left_hip right_hip left_knee right_knee left_ankle right_ankle left_heel right_heel "
    "left_foot_index=left_big_toe right_foot_index=right_big_toe";

// Order: the 17 of Human3.6M's 32 joints in common use (VideoPose3D, MMPose): right leg first, left arm
// first. Joint 9 is called neck base, nose or jaw and is about 12 cm above the thorax; the nearest joint of
// SMPL is the head, at the base of the skull.
const char* const kHuman36m17 =
    "pelvis right_hip right_knee right_ankle left_hip left_knee left_ankle "
    "spine=spine2 thorax=neck jaw=head head=head_top "
    "left_shoulder left_elbow left_wrist right_shoulder right_elbow right_wrist";

// Order: Leeds Sports Pose (Johnson and Everingham, BMVC 2010), as SMPLify takes it.
const char* const kLsp14 =
    "right_ankle right_knee right_hip left_hip left_knee left_ankle "
    "right_wrist right_elbow right_shoulder left_shoulder left_elbow left_wrist neck head_top";

// Feet of Halpe and COCO-WholeBody, in their orders, after COCO's 17. Halpe's head is the top of the head,
// its hip the middle of both hips.
const char* const kHalpeMore =
    " head=head_top neck hip=pelvis "
    "left_big_toe right_big_toe left_small_toe right_small_toe left_heel right_heel ";
const char* const kWholeBodyFeet =
    " left_big_toe left_small_toe left_heel right_big_toe right_small_toe right_heel ";

// The 68 points of a face as 300-W (iBUG) numbers them.
std::string Face68() {
  std::string words;
  for (const std::string& name : FaceLandmarks()) words += name + " ";
  return words;
}

// A hand's 21 points: its root, which is the wrist of the body, then four of each finger from the palm to the
// tip. SMPL's hand is nearest to the middle knuckle, so bodies without fingers have this point unless the
// format has another one there.
std::string Hands42(bool with_hand = true) {
  std::string words;
  constexpr std::pair<const char*, const char*> kFingers[] = {{"thumb", "thumb"},
                                                              {"forefinger", "index"},
                                                              {"middle_finger", "middle"},
                                                              {"ring_finger", "ring"},
                                                              {"pinky_finger", "pinky"}};
  for (const std::string side : {"left_", "right_"}) {
    words += side + "hand_root= ";
    for (const auto& [name, finger] : kFingers)
      for (int k = 1; k <= 4; ++k) {
        const std::string joint = side + finger + (k < 4 ? std::to_string(k) : "_tip");
        const bool is_hand = with_hand && joint == side + "middle1";
        words += side + name + std::to_string(k) + "=" + (is_hand ? side + "hand" : joint) + " ";
      }
  }
  return words;
}

std::string Smpl24() {
  std::string words;
  for (const std::string& joint : SmplJoints()) words += joint + " ";
  return words;
}

std::vector<KeypointFormat> MakeFormats() {
  const std::string coco = kCoco17;
  return {
      {"openpose_body25", {"body_25", "body25", "openpose", "openpose25"}, Keypoints(kOpenPoseBody25)},
      {"openpose_body25b", {"body_25b", "body25b", "openpose_body_25b"}, Keypoints(kOpenPoseBody25b)},
      {"openpose_coco18", {"coco_18", "coco18", "openpose18", "openpose_coco"}, Keypoints(kOpenPoseCoco18)},
      {"hri18", {"hri_18", "skeleton2d"}, Keypoints(kHri18)},
      {"coco17", {"coco", "coco_17", "mscoco"}, Keypoints(coco)},
      {"mediapipe33",
       {"mediapipe", "mediapipe_pose", "mediapipe_pose33", "blazepose", "blazepose33"},
       Keypoints(kMediaPipe33)},
      {"human36m17", {"human36m", "human3.6m", "h36m", "h36m17"}, Keypoints(kHuman36m17)},
      {"lsp14", {"lsp"}, Keypoints(kLsp14)},
      {"smpl24", {"smpl", "smpl_24"}, Keypoints(Smpl24())},
      // Order: Halpe-FullBody's README (Fang et al., AlphaPose, TPAMI 2022): 26, a face, the left hand, the
      // right.
      {"halpe26", {"halpe_26", "body_26"}, Keypoints(coco + kHalpeMore)},
      {"halpe136", {"halpe", "halpe_136"}, Keypoints(coco + kHalpeMore + Face68() + Hands42())},
      // Order: COCO-WholeBody's data_format.md (Jin et al., ECCV 2020): 17, feet, face, left hand, right.
      {"coco_wholebody133",
       {"wholebody", "coco_wholebody", "coco_wholebody_133"},
       Keypoints(coco + kWholeBodyFeet + Face68() + Hands42())},
      // Order: pose_keypoints_2d, hand_left_keypoints_2d, hand_right_keypoints_2d and face_keypoints_2d of
      // OpenPose's JSON (doc/02_output.md); the last two of the face are the pupils.
      {"openpose_whole137",
       {"openpose_whole", "openpose137", "openpose_137"},
       Keypoints(std::string(kOpenPoseBody25) + " " + Hands42() + Face68() + "right_pupil= left_pupil= ")},
      // Order: MediaPipe Holistic's pose, left hand, right hand, and 68 of its 478 points of the face.
      {"mediapipe_holistic143",
       {"mediapipe_holistic", "holistic"},
       Keypoints(std::string(kMediaPipe33) + " " + Hands42(false) + Face68())},
  };
}

}  // namespace

const std::vector<KeypointFormat>& KeypointFormats() {
  static const std::vector<KeypointFormat> formats = MakeFormats();
  return formats;
}

const KeypointFormat& FormatNamed(const std::string& name) {
  std::string wanted = name;
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), [](unsigned char c) {
    return c == '-' ? '_' : static_cast<char>(std::tolower(c));
  });
  std::string known;
  for (const KeypointFormat& format : KeypointFormats()) {
    const std::vector<std::string>& aliases = format.aliases;
    if (format.name == wanted || std::find(aliases.begin(), aliases.end(), wanted) != aliases.end())
      return format;
    known += (known.empty() ? "" : ", ") + format.name;
  }
  throw std::invalid_argument("format: expected one of " + known + ", got '" + name + "'");
}

}  // namespace smplceres
