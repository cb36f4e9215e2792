// All vertices of a body at once, in double or float.
//
//   v = sum_k w_k (R_k u + o_k),     u = v_template + shapedirs beta + posedirs vec(R(theta) - I)
//
// Dense pose blend shapes are most of the bytes (V x 3 x 9 (J - 1)); they are streamed once.
#pragma once

#include <type_traits>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/body/kinematics.h"

namespace smplceres {

// The model's arrays in the scalar that the mesh is computed in, skinning weights compressed.
// Must not outlive the model.
template <typename Scalar>
class Mesh {
 public:
  explicit Mesh(const BodyModel& model);

  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  // vertices: V x 3, metres, world.
  void Evaluate(const Kinematics<double>& kinematics, const Eigen::VectorXd& betas, Matrix* vertices) const;

 private:
  // The model's own arrays where the scalar is theirs, converted copies otherwise.
  using Array = std::conditional_t<std::is_same_v<Scalar, double>, const RowMatrix&, Matrix>;
  Array v_template_;       // V x 3
  Array shapedirs_;        // 3V x B
  Array pose_directions_;  // 3N x 9, see PoseBlendShapes
  const PoseBlendShapes& posedirs_;
  std::vector<int> weight_begin_;  // V + 1
  std::vector<int> weight_joint_;
  std::vector<Scalar> weight_;
};

extern template class Mesh<double>;
extern template class Mesh<float>;

}  // namespace smplceres
