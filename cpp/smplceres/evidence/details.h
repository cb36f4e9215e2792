// Whether keypoints show fingers or a detailed face.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "smplceres/evidence/keypoint_role.h"

namespace smplceres {

// At least 4 points of fingers are seen, or 8 of a face without its edge. roles, confidence: one per
// keypoint.
inline bool ShowDetails(const std::vector<KeypointRole>& roles,
                        const Eigen::Ref<const Eigen::VectorXd>& confidence) {
  int hand = 0, face = 0;
  for (size_t k = 0; k < roles.size(); ++k) {
    if (!(confidence[static_cast<Eigen::Index>(k)] > 0.0)) continue;
    hand += roles[k] == KeypointRole::kHand ? 1 : 0;
    face += roles[k] == KeypointRole::kFace ? 1 : 0;
  }
  return hand >= 4 || face >= 8;
}

}  // namespace smplceres
