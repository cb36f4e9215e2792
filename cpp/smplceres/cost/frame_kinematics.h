// Kinematics as a function of the parameter blocks, in double or Jets, and a cache of the last evaluation.
//
// The terms of an objective are evaluated one after the other at the same parameters, and again for the
// Jacobian if the step is accepted. The cache saves three of four evaluations per iteration. Cost functions
// that share it must not be evaluated concurrently.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "smplceres/body/layout.h"
#include "smplceres/body/skinned_points.h"

namespace smplceres {

// The coefficients of all of the model's shape directions: betas, then those of the frame. frame, betas: the
// blocks of Variables. shape: model.num_directions().
template <typename T>
void JoinShape(const BodyModel& model, const T* frame, const T* betas, T* shape) {
  const FrameLayout& layout = model.layout();
  std::copy_n(betas, model.num_betas(), shape);
  std::copy_n(frame + layout.coefficients(), layout.num_coefficients(), shape + model.num_betas());
}

// body_pose: receives the axis-angles of all joints but the root.
template <typename T>
void EvaluateKinematics(const BodyModel& model,
                        const Eigen::Matrix3d& root_anchor,
                        const T* frame,
                        const T* shape,
                        std::vector<T>* body_pose,
                        Kinematics<T>* kinematics) {
  const FrameLayout& layout = model.layout();
  const Eigen::Matrix<T, 3, 3> root = Exp(frame + layout.root()) * root_anchor.cast<T>();
  body_pose->resize(static_cast<size_t>(model.num_pose_angles()));
  layout.ExpandPose(frame, body_pose->data());
  kinematics->Compute(model, root, body_pose->data(), shape, frame + layout.transl());
}

class FrameKinematics {
 public:
  // root_anchor: of Variables.
  FrameKinematics(std::shared_ptr<const BodyModel> model, const Eigen::Matrix3d& root_anchor)
      : model_(std::move(model)),
        layout_(model_->layout()),
        root_anchor_(root_anchor),
        shape_(model_->num_directions()) {}

  const BodyModel& model() const { return *model_; }
  const Eigen::Matrix3d& root_anchor() const { return root_anchor_; }

  // frame, betas: the blocks of Variables.
  const Kinematics<double>& At(const double* frame, const double* betas) {
    const Eigen::Map<const Eigen::VectorXd> f(frame, layout_.size()), b(betas, model_->num_betas());
    if (frame_.size() == 0 || frame_ != f || shape_.head(b.size()) != b) {
      frame_ = f;
      JoinShape(*model_, frame, betas, shape_.data());
      derivative_is_current_ = false;
      EvaluateKinematics(*model_, root_anchor_, frame, shape_.data(), &body_pose_, &kinematics_);
    }
    return kinematics_;
  }

  // The coefficients of all shape directions at the last evaluation.
  const double* shape() const { return shape_.data(); }

  // Derivatives of At(frame, betas). If with_shape is false, those with respect to shape may be missing.
  const KinematicsJacobian& JacobianAt(const double* frame, const double* betas, bool with_shape) {
    At(frame, betas);
    if (!derivative_is_current_ || (with_shape && !has_shape_)) {
      const Eigen::Map<const Eigen::Vector3d> w(frame + layout_.root());
      derivative_.Compute(*model_, kinematics_, LeftJacobian(w), body_pose_.data(), with_shape);
      derivative_is_current_ = true;
      has_shape_ = with_shape;
    }
    return derivative_;
  }

 private:
  std::shared_ptr<const BodyModel> model_;
  FrameLayout layout_;
  Eigen::Matrix3d root_anchor_;
  Eigen::VectorXd frame_, shape_;  // parameters of the cached kinematics
  std::vector<double> body_pose_;  // of all joints but the root
  Kinematics<double> kinematics_;
  KinematicsJacobian derivative_;
  bool derivative_is_current_ = false, has_shape_ = false;
};

}  // namespace smplceres
