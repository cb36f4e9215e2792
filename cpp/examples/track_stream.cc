// Tracks one person in a stream of keypoints:
//
//   track_stream FORMAT FX FY CX CY < stream
//
// Each line has a time (seconds) and x, y, confidence (pixels) of all keypoints, or a time alone if no person
// was detected. Prints per line: time, status, pelvis (metres, camera frame) and its standard deviation.
#include <iomanip>
#include <iostream>
#include <limits>
#include <sstream>

#include "smplceres/smplceres.h"

int main(int count, char** arguments) try {
  if (count != 6) throw std::invalid_argument("expected FORMAT FX FY CX CY");
  const smplceres::PinholeCamera camera{
      std::stod(arguments[2]), std::stod(arguments[3]), std::stod(arguments[4]), std::stod(arguments[5])};
  smplceres::PersonTracker tracker(smplceres::Body(), camera);

  std::cout << std::setprecision(std::numeric_limits<double>::max_digits10);
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    double time = 0.0;
    words >> time;
    const smplceres::Keypoints keypoints = smplceres::ReadKeypoints(words, arguments[1]);
    const smplceres::TrackedPerson person = tracker.Update(keypoints, time);
    std::cout << time << " " << ToString(person.status) << " " << person.joints.row(0) << " "
              << tracker.JointStd(person)[0] << "\n";
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "track_stream: " << error.what() << "\n";
  return 1;
}
