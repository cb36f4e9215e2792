// The variables of a fit and how they lie in Ceres parameter blocks. The one place that knows the layout.
//
//   frame   [ root 3 | body_pose 3 (J - 1) | transl 3 ]     one per frame
//   betas   [ B ]                                           one per person
//   camera  [ log zoom ]                                    one per camera
//
// The root orientation moves on SO(3): its three numbers are a rotation vector w about an anchor,
//
//   R_root = exp(w) R_anchor,
//
// and Recentre() moves the anchor to the present orientation (w = 0) between stages, so that a stage's turn
// starts in the middle of the chart, far from its singularity |w| = 2 pi. The chart is exact: its derivative
// is the left Jacobian J_l(w). It stands in place of a ceres::Manifold because Ceres multiplies every
// residual block's Jacobian by the manifold's dense plus-Jacobian, which for a block of 75 makes an
// iteration 1.5 to 1.8 times as long (measured with a SubsetManifold that holds transl, Ceres 2.1).
#pragma once

#include <Eigen/Core>
#include <stdexcept>
#include <string>

#include "smplceres/body/body_model.h"
#include "smplceres/math/so3.h"

namespace smplceres {

struct FrameLayout {
  explicit FrameLayout(int num_joints) : num_joints(num_joints) {}

  int root() const { return 0; }
  int body_pose() const { return 3; }
  int transl() const { return 3 * num_joints; }
  int size() const { return 3 * num_joints + 3; }
  // Columns of joint j's three pose numbers, the root's included.
  int joint(int j) const { return 3 * j; }

  int num_joints;
};

struct Variables {
  explicit Variables(const BodyModel& model)
      : layout(model.num_joints()),
        frame(Eigen::VectorXd::Zero(layout.size())),
        betas(Eigen::VectorXd::Zero(model.num_betas())) {}

  // Throws std::invalid_argument where they are of a body of other sizes.
  void Check(const BodyModel& model) const {
    if (layout.num_joints == model.num_joints() && betas.size() == model.num_betas()) return;
    throw std::invalid_argument("variables: expected those of a body with " +
                                std::to_string(model.num_joints()) + " joints and " +
                                std::to_string(model.num_betas()) + " betas, got another's");
  }

  Eigen::Matrix3d RootRotation() const { return Exp(frame.data() + layout.root()) * root_anchor; }
  void Recentre() { SetRootRotation(RootRotation()); }
  void SetRootRotation(const Eigen::Matrix3d& rotation) {
    root_anchor = rotation;
    frame.segment<3>(layout.root()).setZero();
  }

  Eigen::Vector3d GlobalOrient() const { return Log(RootRotation()); }
  auto BodyPose() { return frame.segment(layout.body_pose(), 3 * (layout.num_joints - 1)); }
  auto BodyPose() const { return frame.segment(layout.body_pose(), 3 * (layout.num_joints - 1)); }
  auto Transl() { return frame.segment<3>(layout.transl()); }
  auto Transl() const { return frame.segment<3>(layout.transl()); }

  FrameLayout layout;
  Eigen::VectorXd frame;
  Eigen::Matrix3d root_anchor = Eigen::Matrix3d::Identity();
  Eigen::VectorXd betas;
  double log_zoom = 0.0;
};

}  // namespace smplceres
