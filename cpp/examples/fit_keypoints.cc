// Fits a body to the keypoints of one person in one image:
//
//   fit_keypoints FORMAT FX FY CX CY < keypoints
//
// Keypoints are lines `x y confidence` (pixels) in the order of the format, such as openpose_body25. Prints
// pose, shape, position and joints with the full precision of doubles.
#include <cstdlib>
#include <exception>
#include <iostream>
#include <limits>
#include <vector>

#include "smplceres/smplceres.h"

namespace {

void Print(const char* name, const Eigen::Ref<const Eigen::MatrixXd>& rows) {
  const Eigen::IOFormat format(std::numeric_limits<double>::max_digits10, Eigen::DontAlignCols, " ", "\n");
  std::cout << name << " " << rows.rows() << " " << rows.cols() << "\n" << rows.format(format) << "\n";
}

int Run(char** arguments) {
  smplceres::PinholeCamera camera;
  camera.fx = std::atof(arguments[2]);
  camera.fy = std::atof(arguments[3]);
  camera.cx = std::atof(arguments[4]);
  camera.cy = std::atof(arguments[5]);

  std::vector<double> numbers;
  for (double number = 0.0; std::cin >> number;) numbers.push_back(number);
  smplceres::Keypoints keypoints;
  keypoints.format = arguments[1];
  keypoints.rows =
      Eigen::Map<const smplceres::Rows3>(numbers.data(), static_cast<long>(numbers.size() / 3), 3);

  const smplceres::Body body;
  const smplceres::FitResult fit = smplceres::FitKeypoints(body, keypoints, camera);

  std::cout << "converged " << fit.converged << "\n";
  Print("global_orient", fit.global_orient.transpose());
  Print("body_pose", fit.body_pose);
  Print("betas", fit.betas.transpose());
  Print("transl", fit.transl.transpose());
  Print("joints", fit.joints);
  Print("vertices", body.Pose(fit).vertices.colwise().mean());
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count == 6) return Run(arguments);
    std::cerr << "fit_keypoints FORMAT FX FY CX CY < keypoints\n";
  } catch (const std::exception& error) {
    std::cerr << "fit_keypoints: " << error.what() << "\n";
  }
  return 1;
}
