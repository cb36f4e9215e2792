// Forward kinematics of the joint tree, templated on the scalar (double or a Ceres Jet).
//
//   R_0 = R_root                    x_0 = j_0(beta) + transl
//   R_k = R_p exp(theta_k)          x_k = x_p + R_p (j_k(beta) - j_p(beta)),    p = parents[k]
//
// R_k is joint k's world rotation, x_k its world position, j_k its position at rest.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/math/so3.h"

namespace smplceres {

template <typename T>
struct Kinematics {
  using Matrix3 = Eigen::Matrix<T, 3, 3>;
  using Vector3 = Eigen::Matrix<T, 3, 1>;

  // root: world rotation of joint 0. body_pose: 3 (J - 1), axis-angle, radians. shape: B + X coefficients.
  // transl: 3, metres.
  void Compute(
      const BodyModel& model, const Matrix3& root, const T* body_pose, const T* shape, const T* transl);

  std::vector<Matrix3> local;     // exp(theta_k); the root's is R_root
  std::vector<Matrix3> rotation;  // R_k
  std::vector<Vector3> rest;      // j_k(beta)
  std::vector<Vector3> position;  // x_k
  std::vector<Vector3> origin;    // o_k = x_k - R_k j_k, the image of the rest origin under joint k's motion
  Eigen::Matrix<T, Eigen::Dynamic, 1> feature;  // vec(R(theta) - I), row-major, 9 per joint from joint 1
};

template <typename T>
void Kinematics<T>::Compute(
    const BodyModel& model, const Matrix3& root, const T* body_pose, const T* shape, const T* transl) {
  const int J = model.num_joints();
  const size_t size = static_cast<size_t>(J);
  local.resize(size);
  rotation.resize(size);
  rest.resize(size);
  position.resize(size);
  origin.resize(size);
  feature.resize(9 * (J - 1));

  const RowMatrix& joint_template = model.joint_template();
  const RowMatrix& joint_shapedirs = model.joint_shapedirs();
  for (int k = 0; k < J; ++k) {
    Vector3& j = rest[static_cast<size_t>(k)];
    for (int axis = 0; axis < 3; ++axis) {
      T value = T(joint_template(k, axis));
      for (int b = 0; b < model.num_directions(); ++b) value += joint_shapedirs(3 * k + axis, b) * shape[b];
      j[axis] = value;
    }
  }
  local[0] = root;
  rotation[0] = root;
  position[0] = rest[0] + Eigen::Map<const Vector3>(transl);
  origin[0] = position[0] - rotation[0] * rest[0];
  for (int joint = 1; joint < J; ++joint) {
    const size_t k = static_cast<size_t>(joint);
    const size_t p = static_cast<size_t>(model.parents()[k]);
    local[k] = Exp(body_pose + 3 * (joint - 1));
    rotation[k] = rotation[p] * local[k];
    position[k] = position[p] + rotation[p] * (rest[k] - rest[p]);
    origin[k] = position[k] - rotation[k] * rest[k];
    for (int row = 0; row < 3; ++row)
      for (int col = 0; col < 3; ++col)
        feature[9 * (joint - 1) + 3 * row + col] = local[k](row, col) - T(row == col ? 1.0 : 0.0);
  }
}

}  // namespace smplceres
