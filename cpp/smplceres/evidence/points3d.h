// Points of the body measured in space, as given: joints, keypoints or markers with their covariances.
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
  // Throws std::invalid_argument naming what is wrong: sizes, NaN, numbers of no point.
  void Check(const BodyModel& model) const;

  // Those that take part: seen (a whitening that is not zero) and on the body.
  std::vector<int> Seen() const;

  std::shared_ptr<const SkinnedPoints> points;  // where they are on the body
  std::vector<int> point_of;                    // N; -1 where the body has no such point
  std::vector<KeypointRole> roles;              // N
  RowMatrix xyz;                                // N x 3, metres, world
  std::vector<Eigen::Matrix3d> whitening;       // N, 1 / metres; zero: not seen
};

}  // namespace smplceres
