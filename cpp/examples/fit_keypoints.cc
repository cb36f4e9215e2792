// Fits a body to the keypoints of one person in one image:
//
//   fit_keypoints FORMAT FX FY CX CY < keypoints
//
// Keypoints are lines `x y confidence` (pixels) in the order of the format, such as openpose_body25. Prints
// pose, shape, position and joints with the full precision of doubles.
#include <iostream>
#include <limits>

#include "smplceres/smplceres.h"

void Print(const char* name, const Eigen::Ref<const Eigen::MatrixXd>& rows) {
  const Eigen::IOFormat format(std::numeric_limits<double>::max_digits10, Eigen::DontAlignCols, " ", "\n");
  std::cout << name << " " << rows.rows() << " " << rows.cols() << "\n" << rows.format(format) << "\n";
}

int main(int count, char** arguments) try {
  if (count != 6) throw std::invalid_argument("expected FORMAT FX FY CX CY");
  const smplceres::PinholeCamera camera{
      std::stod(arguments[2]), std::stod(arguments[3]), std::stod(arguments[4]), std::stod(arguments[5])};
  const smplceres::Keypoints keypoints = smplceres::ReadKeypoints(std::cin, arguments[1]);

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
} catch (const std::exception& error) {
  std::cerr << "fit_keypoints: " << error.what() << "\n";
  return 1;
}
