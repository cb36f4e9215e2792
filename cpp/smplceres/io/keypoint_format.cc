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

// side_name_k= for some k.
std::string Numbered(const std::string& name, const std::vector<int>& numbers) {
  std::string words;
  for (const int k : numbers) words += name + "_" + std::to_string(k) + "= ";
  return words;
}

// The 68 points of a face as 300-W (iBUG) numbers them: jaw, brows, nose, eyes, mouth, each from the person's
// right to the left; mirrored points have the same number. The body has none of them.
std::string Face68() {
  return Numbered("right_jaw", {0, 1, 2, 3, 4, 5, 6, 7}) +
         "chin= " + Numbered("left_jaw", {7, 6, 5, 4, 3, 2, 1, 0}) + Numbered("right_brow", {0, 1, 2, 3, 4}) +
         Numbered("left_brow", {4, 3, 2, 1, 0}) + Numbered("nose_bridge", {0, 1, 2, 3}) +
         "right_nostril_0= right_nostril_1= nostrils= left_nostril_1= left_nostril_0= " +
         Numbered("right_eye", {0, 1, 2, 3, 4, 5}) + Numbered("left_eye", {3, 2, 1, 0, 5, 4}) +
         Numbered("right_mouth", {0, 1, 2}) + "mouth_top= " + Numbered("left_mouth", {2, 1, 0, 3, 4}) +
         "mouth_bottom= " + Numbered("right_mouth", {4, 3}) + Numbered("right_lip", {0, 1}) +
         "lip_top= " + Numbered("left_lip", {1, 0, 2}) + "lip_bottom= right_lip_2= ";
}

// A hand's 21 points: its root, then four of each finger from the palm to the tip. The body has one of them:
// SMPL's hand, which is nearest to the middle knuckle.
std::string Hands42() {
  std::string words;
  for (const std::string side : {"left", "right"}) {
    words += side + "_hand_root= ";
    for (const std::string finger : {"thumb", "forefinger", "middle_finger", "ring_finger", "pinky_finger"})
      for (int k = 1; k <= 4; ++k)
        words += side + "_" + finger + std::to_string(k) +
                 (finger == "middle_finger" && k == 1 ? "=" + side + "_hand " : "= ");
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
