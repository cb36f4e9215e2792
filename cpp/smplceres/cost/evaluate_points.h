// Kinematics and skinned points as functions of the parameter blocks, in double or Jets.
#pragma once

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

// points: 3 per skinned point, metres, world.
template <typename T>
void EvaluatePoints(const BodyModel& model,
                    const SkinnedPoints& skinned_points,
                    const Eigen::Matrix3d& root_anchor,
                    const T* frame,
                    const T* betas,
                    Kinematics<T>* kinematics,
                    T* points) {
  EvaluateKinematics(model, root_anchor, frame, betas, kinematics);
  skinned_points.Evaluate(*kinematics, betas, points);
}

}  // namespace smplceres
