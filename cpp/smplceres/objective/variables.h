// The variables of a fit as Ceres parameter blocks.
//
//   frame   slices of body/layout.h      one per frame
//   betas   [ B ]                        one per person
//   zoom    [ log zoom ]                 one per view
//   motion  [ w 3 | s 3 ]                one per view, if any camera's pose is unknown (camera_motion.h)
//
// The root orientation is in SO(3). Its three numbers are a rotation vector w relative to an anchor,
//
//   R_root = exp(w) R_anchor,
//
// and Recentre() moves the anchor to the current orientation (w = 0) between stages, so that a stage starts
// in the middle of the chart, far from its singularity |w| = 2 pi. The derivative of the chart is the left
// Jacobian J_l(w). A ceres::Manifold is not used, because Ceres multiplies every residual block's Jacobian by
// its dense plus-Jacobian, which for a block of 75 makes an iteration 1.5 to 1.8 times as long (measured with
// a SubsetManifold that holds transl, Ceres 2.1).
#pragma once

#include <Eigen/Core>
#include <stdexcept>
#include <string>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/body/kinematics.h"
#include "smplceres/body/layout.h"
#include "smplceres/camera/camera_motion.h"
#include "smplceres/math/so3.h"

namespace smplceres {

struct Variables {
  Variables(const BodyModel& model, size_t num_views)
      : layout(model.layout()),
        frame(Eigen::VectorXd::Zero(layout.size())),
        betas(Eigen::VectorXd::Zero(model.num_betas())),
        log_zoom(Eigen::VectorXd::Zero(static_cast<Eigen::Index>(num_views))) {}

  int num_views() const { return static_cast<int>(log_zoom.size()); }
  bool has_motions() const { return camera_motion.size() > 0; }
  // Adds camera motions, at the given poses.
  void AddMotions() { camera_motion.setZero(kMotionSize * log_zoom.size()); }

  // Throws std::invalid_argument unless sizes match the body and the number of views.
  void Check(const BodyModel& model, size_t num_views) const {
    if (layout.num_joints() != model.num_joints() || frame.size() != model.layout().size() ||
        betas.size() != model.num_betas())
      throw std::invalid_argument("variables: expected those of a body with " +
                                  std::to_string(model.num_joints()) + " joints and " +
                                  std::to_string(model.num_betas()) + " betas, got another's");
    if (static_cast<size_t>(log_zoom.size()) != num_views)
      throw std::invalid_argument("log_zoom: expected one per view, " + std::to_string(num_views) + ", got " +
                                  std::to_string(log_zoom.size()));
    if (has_motions() && camera_motion.size() != kMotionSize * log_zoom.size())
      throw std::invalid_argument("camera_motion: expected none or 6 per view, got " +
                                  std::to_string(camera_motion.size()) + " for " + std::to_string(num_views) +
                                  " views");
  }

  bool AllFinite() const {
    return frame.allFinite() && betas.allFinite() && log_zoom.allFinite() && camera_motion.allFinite();
  }

  int zoom_block(int view) const { return kFirstZoom + view; }
  int motion_block(int view) const { return kFirstZoom + num_views() + view; }
  int num_blocks() const { return kFirstZoom + (has_motions() ? 2 : 1) * num_views(); }
  int block_size(int block) const {
    return block == kFrame           ? layout.size()
           : block == kBetas         ? static_cast<int>(betas.size())
           : block < motion_block(0) ? 1
                                     : kMotionSize;
  }
  const double* block(int block) const {
    return block == kFrame           ? frame.data()
           : block == kBetas         ? betas.data()
           : block < motion_block(0) ? log_zoom.data() + (block - kFirstZoom)
                                     : motion(block - motion_block(0));
  }
  // The motion of a view's camera, 6 numbers.
  const double* motion(int view) const { return camera_motion.data() + kMotionSize * view; }
  std::vector<double*> blocks() {
    std::vector<double*> pointers;
    for (int i = 0; i < num_blocks(); ++i) pointers.push_back(const_cast<double*>(block(i)));
    return pointers;
  }

  Eigen::Matrix3d RootRotation() const { return Exp(frame.data() + layout.root()) * root_anchor; }
  void Recentre() { SetRootRotation(RootRotation()); }
  void SetRootRotation(const Eigen::Matrix3d& rotation) {
    root_anchor = rotation;
    frame.segment<3>(layout.root()).setZero();
  }

  // Replaces axis-angles by those of the same rotations with angles <= pi.
  void WrapBodyPose() {
    for (int j = 1; j < layout.num_free_joints(); ++j)
      frame.segment<3>(layout.joint(j)) = WrapAxisAngle(frame.segment<3>(layout.joint(j)));
  }

  // Adds a step to the recentred frame block. The root's part is a rotation vector in world axes.
  void Step(const Eigen::VectorXd& step) {
    SetRootRotation(Exp(Eigen::Vector3d(step.segment<3>(layout.root()))) * root_anchor);
    frame += step;
    frame.segment<3>(layout.root()).setZero();
  }
  // The step to other variables, whose anchor may differ.
  Eigen::VectorXd StepTo(const Variables& other) const {
    Eigen::VectorXd step = other.frame - frame;
    step.segment<3>(layout.root()) = Log(other.RootRotation() * RootRotation().transpose());
    return step;
  }

  Eigen::Vector3d GlobalOrient() const { return Log(RootRotation()); }
  auto Of(const Slice& slice) { return frame.segment(slice.begin, slice.size); }
  auto Of(const Slice& slice) const { return frame.segment(slice.begin, slice.size); }
  // The axis-angles of the free joints but the root.
  auto BodyPose() { return Of(layout.of(SliceKind::kRotations)); }
  auto BodyPose() const { return Of(layout.of(SliceKind::kRotations)); }
  // The axis-angles of all joints but the root, 3 (J - 1); setting them takes the nearest components.
  Eigen::VectorXd Pose() const {
    Eigen::VectorXd pose(layout.num_pose_angles());
    layout.ExpandPose(frame.data(), pose.data());
    return pose;
  }
  void SetPose(const Eigen::VectorXd& pose) { layout.ProjectPose(pose.data(), frame.data()); }
  auto Transl() { return frame.segment<3>(layout.transl()); }
  auto Transl() const { return frame.segment<3>(layout.transl()); }
  // The coefficients of all shape directions of the model: betas, then those of the frame.
  Eigen::VectorXd Shape() const {
    Eigen::VectorXd shape(betas.size() + layout.num_coefficients());
    shape << betas, frame.segment(layout.coefficients(), layout.num_coefficients());
    return shape;
  }

  Kinematics<double> Posed(const BodyModel& model) const {
    Kinematics<double> kinematics;
    kinematics.Compute(model, RootRotation(), Pose().data(), Shape().data(), Transl().data());
    return kinematics;
  }

  FrameLayout layout;
  Eigen::VectorXd frame;
  Eigen::Matrix3d root_anchor = Eigen::Matrix3d::Identity();
  Eigen::VectorXd betas;
  Eigen::VectorXd log_zoom;       // one per view
  Eigen::VectorXd camera_motion;  // 6 per view, or empty
};

}  // namespace smplceres
