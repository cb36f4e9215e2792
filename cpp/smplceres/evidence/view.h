// One camera's observations of the person: keypoints, their skinned points on the body, and the mask.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/body/skinned_points.h"
#include "smplceres/camera/camera.h"
#include "smplceres/evidence/keypoint_role.h"
#include "smplceres/raster/mask.h"

namespace smplceres {

struct View {
  // Throws std::invalid_argument for sizes that disagree, NaN, negative confidences and a focal length that
  // is not positive.
  void Check(const BodyModel& model) const;

  // The keypoints in use: detected (confidence > 0) and present on the body.
  std::vector<int> Visible() const;

  std::shared_ptr<const SkinnedPoints> points;  // one per keypoint that the body has
  std::vector<int> point_of_keypoint;           // K, index in `points`; -1 if the body has no such point
  std::vector<KeypointRole> roles;              // K
  RowMatrix keypoints;                          // K x 2, pixels
  Eigen::VectorXd confidence;                   // K, >= 0; 0 if not detected
  Camera camera;
  std::shared_ptr<const Mask> mask;  // null if unknown
};

}  // namespace smplceres
