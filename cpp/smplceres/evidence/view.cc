#include "smplceres/evidence/view.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "smplceres/base/check.h"

namespace smplceres {
namespace {

// Generous limits that reject corrupt input and keep squares within float64.
constexpr double kMaxPixel = 1e7;
constexpr double kMaxConfidence = 1e6;

void CheckCamera(const Camera& camera) {
  if (const Pinhole* pinhole = std::get_if<Pinhole>(&camera)) {
    CheckPositive("camera.fx", pinhole->fx);
    CheckPositive("camera.fy", pinhole->fy);
    CheckPositive("camera.log_focal_sigma", pinhole->log_focal_sigma);
    CheckPositive("camera.rotation_sigma", pinhole->rotation_sigma);
    CheckPositive("camera.centre_sigma", pinhole->centre_sigma);
  } else {
    CheckPositive("camera.scale", std::get<WeakPerspective>(camera).scale);
  }
}

}  // namespace

void View::Check(const BodyModel& model) const {
  points->CheckBody(model);
  const size_t K = point_of_keypoint.size();
  if (keypoints.cols() != 2 || static_cast<size_t>(keypoints.rows()) != K)
    throw std::invalid_argument("keypoints: expected " + std::to_string(K) + " x 2, got " +
                                std::to_string(keypoints.rows()) + " x " + std::to_string(keypoints.cols()));
  if (static_cast<size_t>(confidence.size()) != K || roles.size() != K)
    throw std::invalid_argument("confidence, roles: expected " + std::to_string(K) + " of each, got " +
                                std::to_string(confidence.size()) + " and " + std::to_string(roles.size()));
  for (const int point : point_of_keypoint)
    if (point < -1 || point >= points->size())
      throw std::invalid_argument("point_of_keypoint: expected -1 to " + std::to_string(points->size() - 1) +
                                  ", got " + std::to_string(point));
  for (Eigen::Index k = 0; k < confidence.size(); ++k) {
    if (!(confidence[k] >= 0.0 && confidence[k] <= kMaxConfidence))
      throw std::invalid_argument("confidence: expected numbers from 0 to 1e6, got " +
                                  std::to_string(confidence[k]) + " at keypoint " + std::to_string(k));
    if (confidence[k] > 0.0 && !(keypoints.row(k).array().abs() <= kMaxPixel).all())
      throw std::invalid_argument(
          "keypoints: expected pixels within +-1e7 where the confidence is over 0, got other numbers at "
          "keypoint " +
          std::to_string(k));
  }
  CheckCamera(camera);
}

std::vector<int> View::Visible() const {
  std::vector<int> visible;
  for (size_t k = 0; k < point_of_keypoint.size(); ++k)
    if (point_of_keypoint[k] >= 0 && confidence[static_cast<Eigen::Index>(k)] > 0.0)
      visible.push_back(static_cast<int>(k));
  return visible;
}

}  // namespace smplceres
