// Keypoint formats: the keypoints that a detector reports, their order, and their locations on the body.
#pragma once

#include <string>
#include <vector>

namespace smplceres {

struct FormatKeypoint {
  std::string name;
  // The keypoint is the mean of these joints of SMPL or landmarks on the skin. Keypoints without locations
  // are not fitted. Left and right are the person's.
  std::vector<std::string> location;
};

struct KeypointFormat {
  std::string name;
  std::vector<std::string> aliases;
  std::vector<FormatKeypoint> keypoints;
};

const std::vector<KeypointFormat>& KeypointFormats();

// A format by name or alias; case is ignored and "-" is equal to "_". Throws
// std::invalid_argument for unknown names.
const KeypointFormat& FormatNamed(const std::string& name);

}  // namespace smplceres
