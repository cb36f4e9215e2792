#include "smplceres/keypoints.h"

#include "smplceres/io/keypoint_format.h"

namespace smplceres {

std::vector<std::string> KeypointFormatNames() {
  std::vector<std::string> names;
  for (const KeypointFormat& format : KeypointFormats()) names.push_back(format.name);
  return names;
}

std::vector<std::string> KeypointNames(const std::string& format) {
  std::vector<std::string> names;
  for (const FormatKeypoint& keypoint : FormatNamed(format).keypoints) names.push_back(keypoint.name);
  return names;
}

}  // namespace smplceres
