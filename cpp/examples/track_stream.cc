// Tracks one person in a stream of keypoints:
//
//   track_stream FORMAT FX FY CX CY < stream
//
// Each line has a time (seconds) and x, y, confidence (pixels) of all keypoints, or a time alone if
// no person was detected. Prints per line: time, status, pelvis (metres, camera frame) and its
// standard deviation (metres).
#include <cstdlib>
#include <exception>
#include <iomanip>
#include <iostream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "smplceres/smplceres.h"

namespace {

int Run(char** arguments) {
  smplceres::PinholeCamera camera;
  camera.fx = std::atof(arguments[2]);
  camera.fy = std::atof(arguments[3]);
  camera.cx = std::atof(arguments[4]);
  camera.cy = std::atof(arguments[5]);
  const std::string format = arguments[1];
  const auto undetected =
      smplceres::Rows3::Zero(static_cast<long>(smplceres::KeypointNames(format).size()), 3);

  smplceres::PersonTracker tracker(smplceres::Body(), camera);
  std::cout << std::setprecision(std::numeric_limits<double>::max_digits10);
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    double time = 0.0;
    words >> time;
    std::vector<double> numbers;
    for (double number = 0.0; words >> number;) numbers.push_back(number);
    smplceres::Keypoints keypoints{undetected, format};
    if (!numbers.empty())
      keypoints.rows =
          Eigen::Map<const smplceres::Rows3>(numbers.data(), static_cast<long>(numbers.size() / 3), 3);

    const smplceres::TrackedPerson person = tracker.Update(keypoints, time);
    std::cout << time << " " << ToString(person.status) << " " << person.joints.row(0) << " "
              << tracker.JointStd(person)[0] << "\n";
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count == 6) return Run(arguments);
    std::cerr << "track_stream FORMAT FX FY CX CY < stream\n";
  } catch (const std::exception& error) {
    std::cerr << "track_stream: " << error.what() << "\n";
  }
  return 1;
}
