#include "smplceres/body/body_model.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include "smplceres/body/mesh.h"

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

std::vector<Slice> SlicesOf(const BodyModelArrays& arrays) {
  std::vector<Slice> slices;
  for (const FrameDirections& each : arrays.frame_slices)
    slices.push_back({each.name,
                      SliceKind::kCoefficients,
                      0,
                      static_cast<int>(each.directions.cols()),
                      0,
                      each.walk_sigma,
                      nullptr});
  return slices;
}

// shapedirs = [S | E].
void AppendFrameDirections(BodyModelArrays* arrays) {
  for (FrameDirections& each : arrays->frame_slices) {
    CheckShape(each.name.c_str(), each.directions, arrays->shapedirs.rows(), each.directions.cols());
    CheckFinite(each.name.c_str(), each.directions);
    RowMatrix joined(arrays->shapedirs.rows(), arrays->shapedirs.cols() + each.directions.cols());
    joined << arrays->shapedirs, each.directions;
    arrays->shapedirs = std::move(joined);
  }
  arrays->frame_slices.clear();
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

PoseBlendShapes PoseBlendShapes::FromPairs(const std::vector<int>& vertices,
                                           std::vector<int> joints,
                                           RowMatrix directions,
                                           int num_vertices) {
  if (joints.size() != vertices.size())
    throw std::invalid_argument("posedirs: expected as many joints as vertices, got " +
                                std::to_string(joints.size()) + " and " + std::to_string(vertices.size()));
  CheckShape("posedirs", directions, static_cast<Eigen::Index>(3 * joints.size()), 9);
  PoseBlendShapes shapes;
  for (size_t i = 0; i < vertices.size(); ++i) {
    if (vertices[i] < 0 || vertices[i] >= num_vertices)
      throw std::invalid_argument("posedirs: expected vertex numbers from 0 to " +
                                  std::to_string(num_vertices - 1) + ", got " + std::to_string(vertices[i]));
    const bool ascending = i == 0 || vertices[i - 1] < vertices[i] ||
                           (vertices[i - 1] == vertices[i] && joints[i - 1] < joints[i]);
    if (!ascending)
      throw std::invalid_argument("posedirs: expected pairs of vertex and joint in ascending order");
    while (static_cast<int>(shapes.begin.size()) <= vertices[i]) shapes.begin.push_back(static_cast<int>(i));
  }
  shapes.begin.resize(static_cast<size_t>(num_vertices) + 1, static_cast<int>(vertices.size()));
  shapes.joint = std::move(joints);
  shapes.directions = std::move(directions);
  return shapes;
}

PoseBlendShapes PoseBlendShapes::FromDense(const RowMatrix& posedirs, int num_vertices) {
  CheckShape("posedirs", posedirs, 3 * static_cast<Eigen::Index>(num_vertices), posedirs.cols() / 9 * 9);
  std::vector<int> vertices, joints;
  for (int v = 0; v < num_vertices; ++v) {
    for (int joint = 1; joint <= posedirs.cols() / 9; ++joint) {
      if (posedirs.block<3, 9>(3 * v, 9 * (joint - 1)).isZero(0.0)) continue;
      vertices.push_back(v);
      joints.push_back(joint);
    }
  }
  RowMatrix directions(3 * joints.size(), 9);
  for (size_t i = 0; i < joints.size(); ++i)
    directions.middleRows<3>(static_cast<Eigen::Index>(3 * i)) =
        posedirs.block<3, 9>(3 * vertices[i], 9 * (joints[i] - 1));
  return FromPairs(vertices, std::move(joints), std::move(directions), num_vertices);
}

RowMatrix PoseBlendShapes::Dense(int num_joints) const {
  const Eigen::Index num_vertices = static_cast<Eigen::Index>(begin.size()) - 1;
  RowMatrix dense = RowMatrix::Zero(3 * num_vertices, 9 * (num_joints - 1));
  for (Eigen::Index v = 0; v < num_vertices; ++v)
    for (int i = begin[static_cast<size_t>(v)]; i < begin[static_cast<size_t>(v) + 1]; ++i)
      dense.block<3, 9>(3 * v, 9 * (joint[static_cast<size_t>(i)] - 1)) = directions.middleRows<3>(3 * i);
  return dense;
}

BodyModel::BodyModel(BodyModelArrays arrays)
    : arrays_(std::move(arrays)),
      num_betas_(static_cast<int>(arrays_.shapedirs.cols())),
      layout_(static_cast<int>(arrays_.parents.size()), arrays_.pose_components, SlicesOf(arrays_)) {
  CheckParents(arrays_.parents);
  const Eigen::Index V = arrays_.v_template.rows();
  const Eigen::Index J = static_cast<Eigen::Index>(arrays_.parents.size());
  if (V == 0) throw std::invalid_argument("v_template: expected at least one vertex, got none");
  if (arrays_.shapedirs.cols() == 0)
    throw std::invalid_argument("shapedirs: expected at least one shape direction, got none");
  CheckShape("v_template", arrays_.v_template, V, 3);
  CheckShape("shapedirs", arrays_.shapedirs, 3 * V, arrays_.shapedirs.cols());
  if (static_cast<Eigen::Index>(arrays_.posedirs.begin.size()) != V + 1)
    throw std::invalid_argument("posedirs: expected pose blend shapes of " + std::to_string(V) + " vertices");
  for (const int joint : arrays_.posedirs.joint)
    if (joint < 1 || joint >= J)
      throw std::invalid_argument("posedirs: expected joints from 1 to " + std::to_string(J - 1) + ", got " +
                                  std::to_string(joint));
  CheckShape("J_regressor", arrays_.joint_regressor, J, V);
  CheckShape("lbs_weights", arrays_.lbs_weights, V, J);
  CheckShape("faces", arrays_.faces, arrays_.faces.rows(), 3);
  CheckFinite("v_template", arrays_.v_template);
  CheckFinite("shapedirs", arrays_.shapedirs);
  CheckFinite("posedirs", arrays_.posedirs.directions);
  CheckFinite("J_regressor", arrays_.joint_regressor);
  CheckFinite("lbs_weights", arrays_.lbs_weights);
  const Eigen::VectorXd weight_sums = arrays_.lbs_weights.rowwise().sum();
  if (!((weight_sums.array() - 1.0).abs() <= 1e-3).all())  // files hold float32
    throw std::invalid_argument("lbs_weights: expected rows that sum to 1");
  if (arrays_.faces.size() > 0 &&
      (arrays_.faces.minCoeff() < 0 || arrays_.faces.maxCoeff() >= static_cast<int>(V)))
    throw std::invalid_argument("faces: expected vertex numbers from 0 to " + std::to_string(V - 1));

  AppendFrameDirections(&arrays_);
  joint_template_ = arrays_.joint_regressor * arrays_.v_template;
  joint_shapedirs_.resize(3 * J, num_directions());
  for (int axis = 0; axis < 3; ++axis) {
    const auto rows = Eigen::seqN(axis, V, 3);
    const RowMatrix of_axis = arrays_.shapedirs(rows, Eigen::all);
    const RowMatrix directions = arrays_.joint_regressor * of_axis;
    joint_shapedirs_(Eigen::seqN(axis, J, 3), Eigen::all) = directions;
  }
}

template <typename Scalar>
const Mesh<Scalar>& BodyModel::mesh() const {
  return *derived_->Get<Mesh<Scalar>>([this] { return std::make_shared<const Mesh<Scalar>>(*this); });
}

template const Mesh<double>& BodyModel::mesh<double>() const;
template const Mesh<float>& BodyModel::mesh<float>() const;

const std::vector<FaceSide>& BodyModel::face_sides() const {
  using Sides = std::vector<FaceSide>;
  return *derived_->Get<Sides>([this] {
    Sides sides;
    sides.reserve(static_cast<size_t>(3 * faces().rows()));
    for (Eigen::Index f = 0; f < faces().rows(); ++f)
      for (int i = 0; i < 3; ++i) {
        const int a = faces()(f, i), b = faces()(f, (i + 1) % 3), c = faces()(f, (i + 2) % 3);
        sides.push_back({std::min(a, b), std::max(a, b), static_cast<int>(f), c});
      }
    std::sort(sides.begin(), sides.end(), [](const FaceSide& s, const FaceSide& t) {
      return std::tie(s.low, s.high, s.face) < std::tie(t.low, t.high, t.face);
    });
    return std::make_shared<const Sides>(std::move(sides));
  });
}

}  // namespace smplceres
