// Keypoints of one person in one image.
#pragma once

#include <Eigen/Core>
#include <iosfwd>
#include <string>
#include <vector>

#include "smplceres/export.h"

namespace smplceres {

struct Keypoints {
  // K rows of x, y (pixels) and confidence, which is 0 for keypoints that were not detected.
  Eigen::Matrix<double, Eigen::Dynamic, 3, Eigen::RowMajor> rows;
  std::string format = "openpose_body25";
};

// Reads x, y, confidence of all keypoints, numbers separated by white space, to the end of the text; without
// any number none was detected. Throws std::invalid_argument for an unknown format, text that is no number
// and a last keypoint of one or two numbers.
SMPLCERES_EXPORT Keypoints ReadKeypoints(std::istream& text, const std::string& format);

// Names of all formats; names of one format's keypoints in order. Throws
// std::invalid_argument for an unknown format.
SMPLCERES_EXPORT std::vector<std::string> KeypointFormatNames();
SMPLCERES_EXPORT std::vector<std::string> KeypointNames(const std::string& format);

}  // namespace smplceres
