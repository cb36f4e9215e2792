#include "smplceres/keypoints.h"

#include <istream>
#include <stdexcept>

#include "smplceres/io/keypoint_format.h"

namespace smplceres {

Keypoints ReadKeypoints(std::istream& text, const std::string& format) {
  std::vector<double> numbers;
  for (double number = 0.0; text >> number;) numbers.push_back(number);
  if (!text.eof()) throw std::invalid_argument("keypoints: expected numbers, got other text");
  if (numbers.size() % 3 != 0)
    throw std::invalid_argument("keypoints: expected x, y and confidence of each, got " +
                                std::to_string(numbers.size()) + " numbers");
  if (numbers.empty()) numbers.resize(3 * FormatNamed(format).keypoints.size(), 0.0);
  using Rows = decltype(Keypoints::rows);
  return {Eigen::Map<const Rows>(numbers.data(), static_cast<Eigen::Index>(numbers.size() / 3), 3), format};
}

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
