#include "smplceres/body/mesh.h"

namespace smplceres {
namespace {

template <typename Scalar>
decltype(auto) As(const RowMatrix& matrix) {
  if constexpr (std::is_same_v<Scalar, double>) {
    return (matrix);  // a reference
  } else {
    return typename Mesh<Scalar>::Matrix(matrix.template cast<Scalar>());
  }
}

}  // namespace

template <typename Scalar>
Mesh<Scalar>::Mesh(const BodyModel& model)
    : v_template_(As<Scalar>(model.v_template())),
      shapedirs_(As<Scalar>(model.shapedirs())),
      pose_directions_(As<Scalar>(model.posedirs().directions)),
      posedirs_(model.posedirs()) {
  const RowMatrix& weights = model.lbs_weights();
  for (int v = 0; v < model.num_vertices(); ++v) {
    weight_begin_.push_back(static_cast<int>(weight_.size()));
    for (int k = 0; k < model.num_joints(); ++k) {
      if (weights(v, k) == 0.0) continue;
      weight_joint_.push_back(k);
      weight_.push_back(static_cast<Scalar>(weights(v, k)));
    }
  }
  weight_begin_.push_back(static_cast<int>(weight_.size()));
}

template <typename Scalar>
void Mesh<Scalar>::Evaluate(const Kinematics<double>& kinematics,
                            const Eigen::VectorXd& betas,
                            Matrix* vertices) const {
  using Matrix34 = Eigen::Matrix<Scalar, 3, 4>;
  using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
  using Vector3 = Eigen::Matrix<Scalar, 3, 1>;

  std::vector<Matrix34> transforms(kinematics.rotation.size());  // [R_k | o_k]
  for (size_t k = 0; k < transforms.size(); ++k)
    transforms[k] << kinematics.rotation[k].template cast<Scalar>(),
        kinematics.origin[k].template cast<Scalar>();

  Vector rest = Eigen::Map<const Vector>(v_template_.data(), v_template_.size());
  rest.noalias() += shapedirs_ * betas.cast<Scalar>();

  const Vector feature = kinematics.feature.template cast<Scalar>();
  vertices->resize(v_template_.rows(), 3);
  for (Eigen::Index v = 0; v < v_template_.rows(); ++v) {
    Matrix34 transform = Matrix34::Zero();
    for (int i = weight_begin_[static_cast<size_t>(v)]; i < weight_begin_[static_cast<size_t>(v) + 1]; ++i)
      transform += weight_[static_cast<size_t>(i)] *
                   transforms[static_cast<size_t>(weight_joint_[static_cast<size_t>(i)])];
    Vector3 u = rest.template segment<3>(3 * v);
    for (int i = posedirs_.begin[static_cast<size_t>(v)]; i < posedirs_.begin[static_cast<size_t>(v) + 1];
         ++i)
      u.noalias() += pose_directions_.template middleRows<3>(3 * i) *
                     feature.template segment<9>(9 * (posedirs_.joint[static_cast<size_t>(i)] - 1));
    vertices->row(v) = (transform.template leftCols<3>() * u + transform.col(3)).transpose();
  }
}

template class Mesh<double>;
template class Mesh<float>;

}  // namespace smplceres
