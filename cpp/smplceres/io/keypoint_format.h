// Keypoint formats: which keypoints a detector reports, in what order, and where they are on the body.
#pragma once

#include <string>
#include <vector>

namespace smplceres {

struct FormatKeypoint {
  std::string name;
  // Joints of SMPL or landmarks on the skin whose mean the keypoint is; none: nowhere on the body, the
  // keypoint is carried along and not fitted. Left and right are the person's own.
  std::vector<std::string> location;
};

struct KeypointFormat {
  std::string name;
  std::vector<std::string> aliases;
  std::vector<FormatKeypoint> keypoints;
};

const std::vector<KeypointFormat>& KeypointFormats();

// By name or alias, upper or lower case, "-" as "_". Throws std::invalid_argument for an unknown one.
const KeypointFormat& FormatNamed(const std::string& name);

}  // namespace smplceres
