// Measured 3D points of the body: joints, keypoints or markers with their covariances.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/body/skinned_points.h"
#include "smplceres/evidence/keypoint_role.h"

namespace smplceres {

// c L^T with L L^T = covariance^-1 (terms/points3d.h). Throws std::invalid_argument naming the argument and
// the point unless the covariance is finite, symmetric and positive definite.
Eigen::Matrix3d Whitening(const Eigen::Matrix3d& covariance, double confidence, int point);

struct Points3d {
  // Throws std::invalid_argument for sizes that disagree, NaN and invalid point numbers.
  void Check(const BodyModel& model) const;

  // The points in use: measured (non-zero whitening) and present on the body.
  std::vector<int> Used() const;

  std::shared_ptr<const SkinnedPoints> points;  // the body's points
  std::vector<int> point_of;                    // N, index in `points`; -1 if the body has no such point
  std::vector<KeypointRole> roles;              // N
  RowMatrix xyz;                                // N x 3, metres, world
  std::vector<Eigen::Matrix3d> whitening;       // N, 1 / metres; zero if not measured
};

}  // namespace smplceres
