#include "smplceres/body/body_model.h"

#include <sstream>
#include <stdexcept>

#include "smplceres/body/collision_spheres.h"

namespace smplceres {
namespace {

template <typename Matrix>
void CheckShape(const char* name, const Matrix& matrix, Eigen::Index rows, Eigen::Index cols) {
  if (matrix.rows() == rows && matrix.cols() == cols) return;
  std::ostringstream message;
  message << name << ": expected " << rows << " x " << cols << ", got " << matrix.rows() << " x "
          << matrix.cols();
  throw std::invalid_argument(message.str());
}

void CheckFinite(const char* name, const RowMatrix& matrix) {
  if (!matrix.allFinite())
    throw std::invalid_argument(std::string(name) + ": expected finite numbers, got NaN or infinity");
}

}  // namespace

void CheckParents(const std::vector<int>& parents) {
  if (parents.empty() || parents[0] != -1)
    throw std::invalid_argument("parents: expected -1 (the root) first, got " +
                                (parents.empty() ? "no joint" : std::to_string(parents[0])));
  for (size_t j = 1; j < parents.size(); ++j) {
    if (parents[j] >= 0 && parents[j] < static_cast<int>(j)) continue;
    throw std::invalid_argument(
        "parents: expected 0 <= parents[j] < j (a tree, parents first), got parents[" + std::to_string(j) +
        "] = " + std::to_string(parents[j]));
  }
}

BodyModel::BodyModel(BodyModelArrays arrays) : arrays_(std::move(arrays)) {
  CheckParents(arrays_.parents);
  const Eigen::Index V = arrays_.v_template.rows();
  const Eigen::Index J = static_cast<Eigen::Index>(arrays_.parents.size());
  if (V == 0) throw std::invalid_argument("v_template: expected at least one vertex, got none");
  if (arrays_.shapedirs.cols() == 0)
    throw std::invalid_argument("shapedirs: expected at least one shape direction, got none");
  CheckShape("v_template", arrays_.v_template, V, 3);
  CheckShape("shapedirs", arrays_.shapedirs, 3 * V, arrays_.shapedirs.cols());
  CheckShape("posedirs", arrays_.posedirs, 3 * V, 9 * (J - 1));
  CheckShape("J_regressor", arrays_.joint_regressor, J, V);
  CheckShape("lbs_weights", arrays_.lbs_weights, V, J);
  CheckShape("faces", arrays_.faces, arrays_.faces.rows(), 3);
  CheckFinite("v_template", arrays_.v_template);
  CheckFinite("shapedirs", arrays_.shapedirs);
  CheckFinite("posedirs", arrays_.posedirs);
  CheckFinite("J_regressor", arrays_.joint_regressor);
  CheckFinite("lbs_weights", arrays_.lbs_weights);
  const Eigen::VectorXd weight_sums = arrays_.lbs_weights.rowwise().sum();
  if (!((weight_sums.array() - 1.0).abs() <= 1e-3).all())  // files hold float32
    throw std::invalid_argument("lbs_weights: expected rows that sum to 1");
  if (arrays_.faces.size() > 0 &&
      (arrays_.faces.minCoeff() < 0 || arrays_.faces.maxCoeff() >= static_cast<int>(V)))
    throw std::invalid_argument("faces: expected vertex numbers from 0 to " + std::to_string(V - 1));

  joint_template_ = arrays_.joint_regressor * arrays_.v_template;
  joint_shapedirs_.resize(3 * J, num_betas());
  for (int axis = 0; axis < 3; ++axis) {
    const auto rows = Eigen::seqN(axis, V, 3);
    const RowMatrix of_axis = arrays_.shapedirs(rows, Eigen::all);
    const RowMatrix directions = arrays_.joint_regressor * of_axis;
    joint_shapedirs_(Eigen::seqN(axis, J, 3), Eigen::all) = directions;
  }
}

const CollisionSpheres* BodyModel::collision_spheres() const {
  std::call_once(lazy_->once, [this] { lazy_->collision_spheres = FitCollisionSpheres(*this); });
  return lazy_->collision_spheres.get();
}

}  // namespace smplceres
