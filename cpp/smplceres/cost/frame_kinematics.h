// Kinematics as a function of the parameter blocks, in double or Jets; and where they were asked for last.
//
// The terms of an objective are asked one after the other at the same parameters, for the cost first and,
// where a step is taken, for the Jacobian: of four times that a body would be posed in an iteration three are
// saved. Cost functions that share one must not be evaluated at the same time.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <utility>

#include "smplceres/body/layout.h"
#include "smplceres/body/skinned_points.h"

namespace smplceres {

// frame, betas: the blocks of Variables.
template <typename T>
void EvaluateKinematics(const BodyModel& model,
                        const Eigen::Matrix3d& root_anchor,
                        const T* frame,
                        const T* betas,
                        Kinematics<T>* kinematics) {
  const FrameLayout layout(model.num_joints());
  const Eigen::Matrix<T, 3, 3> root = Exp(frame + layout.root()) * root_anchor.cast<T>();
  kinematics->Compute(model, root, frame + layout.body_pose(), betas, frame + layout.transl());
}

class FrameKinematics {
 public:
  // root_anchor: of Variables.
  FrameKinematics(std::shared_ptr<const BodyModel> model, const Eigen::Matrix3d& root_anchor)
      : model_(std::move(model)), layout_(model_->num_joints()), root_anchor_(root_anchor) {}

  const BodyModel& model() const { return *model_; }
  const Eigen::Matrix3d& root_anchor() const { return root_anchor_; }

  // frame, betas: the blocks of Variables.
  const Kinematics<double>& At(const double* frame, const double* betas) {
    const Eigen::Map<const Eigen::VectorXd> f(frame, layout_.size()), b(betas, model_->num_betas());
    if (frame_.size() == 0 || frame_ != f || betas_ != b) {
      frame_ = f;
      betas_ = b;
      derivative_is_of_now_ = false;
      EvaluateKinematics(*model_, root_anchor_, frame, betas, &kinematics_);
    }
    return kinematics_;
  }

  // At the same; without betas their part may be missing.
  const KinematicsJacobian& JacobianAt(const double* frame, const double* betas, bool with_betas) {
    At(frame, betas);
    if (!derivative_is_of_now_ || (with_betas && !has_betas_)) {
      const Eigen::Map<const Eigen::Vector3d> w(frame + layout_.root());
      derivative_.Compute(*model_, kinematics_, LeftJacobian(w), frame + layout_.body_pose(), with_betas);
      derivative_is_of_now_ = true;
      has_betas_ = with_betas;
    }
    return derivative_;
  }

 private:
  std::shared_ptr<const BodyModel> model_;
  FrameLayout layout_;
  Eigen::Matrix3d root_anchor_;
  Eigen::VectorXd frame_, betas_;  // where the kinematics are
  Kinematics<double> kinematics_;
  KinematicsJacobian derivative_;
  bool derivative_is_of_now_ = false, has_betas_ = false;
};

}  // namespace smplceres
