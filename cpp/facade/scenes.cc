#include "scenes.h"

#include <cmath>
#include <stdexcept>
#include <string>

#include "body_data.h"
#include "cameras.h"

namespace smplceres {
namespace {

View MakeView(const Body::Data& data, const Keypoints& keypoints, const PinholeCamera& camera) {
  const KeypointPoints& of_format = data.formats.Of(data.body, *data.lifter, keypoints.format).points;
  const Eigen::Index K = static_cast<Eigen::Index>(of_format.point_of_keypoint.size());
  if (keypoints.rows.rows() != K)
    throw std::invalid_argument("keypoints: expected [K, 3] with K = " + std::to_string(K) + " (" +
                                FormatNamed(keypoints.format).name + "), got [" +
                                std::to_string(keypoints.rows.rows()) + ", 3]");
  View view;
  view.points = of_format.points;
  view.point_of_keypoint = of_format.point_of_keypoint;
  view.roles = of_format.roles;
  view.keypoints = keypoints.rows.leftCols<2>();
  view.confidence = keypoints.rows.col(2);
  for (Eigen::Index k = 0; k < K; ++k) {
    const double confidence = view.confidence[k];
    if (!(confidence >= 0.0) || std::isinf(confidence))
      throw std::invalid_argument("confidence: expected finite values >= 0, got " +
                                  std::to_string(confidence) + " for keypoint " + std::to_string(k));
    if (confidence == 0.0)
      view.keypoints.row(k).setZero();
    else if (!view.keypoints.row(k).allFinite())
      throw std::invalid_argument("keypoints: expected finite pixels, got NaN or infinity for keypoint " +
                                  std::to_string(k));
  }
  view.camera = ToPinhole(camera);
  return view;
}

}  // namespace

Scene MakeScene(const Body::Data& data,
                const std::vector<Keypoints>& keypoints,
                const std::vector<PinholeCamera>& cameras,
                const Eigen::VectorXd& betas) {
  if (keypoints.empty())
    throw std::invalid_argument("keypoints: expected those of at least one image, got none");
  if (keypoints.size() != cameras.size())
    throw std::invalid_argument("cameras: expected one per image, " + std::to_string(keypoints.size()) +
                                ", got " + std::to_string(cameras.size()));
  Scene scene{data.body.model, data.priors, {}, {}, {}, {}, {}, nullptr};
  for (size_t i = 0; i < keypoints.size(); ++i)
    scene.views.push_back(MakeView(data, keypoints[i], cameras[i]));
  if (betas.size() > 0) {
    KnownPerson person;
    person.betas = betas;
    person.betas_known = true;
    person.expected_betas = Eigen::VectorXd::Zero(betas.size());
    scene.person = person;
  }
  scene.Check();
  if (const std::vector<size_t> seeing = scene.ViewsWithKeypoints(); !seeing.empty()) {
    const size_t first = seeing.front();
    scene.lifting = std::make_shared<const Lifting>(
        data.lifter,
        scene.views[first],
        data.formats.Of(data.body, *data.lifter, keypoints[first].format).slots,
        0.0,
        cameras[first].focal_guessed);
  }
  return scene;
}

}  // namespace smplceres
