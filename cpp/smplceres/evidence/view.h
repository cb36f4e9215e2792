// One camera's image of the person: keypoints, the skinned points that they are on the body, and the mask.
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
  // Throws std::invalid_argument naming what is wrong: sizes, NaN, negative confidences, a focal length
  // that is not positive.
  void Check(const BodyModel& model) const;

  // Keypoints that take part: seen (confidence > 0) and on the body.
  std::vector<int> Visible() const;

  std::shared_ptr<const SkinnedPoints> points;  // one per keypoint that is on the body
  std::vector<int> point_of_keypoint;           // K; -1 where the body has no such point
  std::vector<KeypointRole> roles;              // K
  RowMatrix keypoints;                          // K x 2, pixels
  Eigen::VectorXd confidence;                   // K, >= 0; 0: not seen
  Camera camera;
  std::shared_ptr<const Mask> mask;  // where the person is in the image; null: not known
};

}  // namespace smplceres
