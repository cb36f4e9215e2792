#include "smplceres/io/body_file.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <utility>

#include "smplceres/base/check.h"
#include "smplceres/io/npz.h"
#include "smplceres/io/skeleton.h"

namespace smplceres {
namespace {

constexpr std::int64_t kAnySize = -1;

// Number of shape columns in SMPL-X's shapedirs; the others are expression. Short files have 10 + 10.
constexpr std::int64_t kSmplxJoints = 55, kSmplxShapeColumns = 300, kShortColumns = 20, kShortShape = 10;

// Of SMPL-X's expression, as in SMPLify-X, and of a hand's 45 principal components, which hold 96 % of the
// variance of held-out signs; as python/smplceres/body/whole_arrays.py reads them. For trackers: the standard
// deviation of the change of each over a second.
constexpr std::int64_t kExpressions = 10, kHandComponents = 12, kHandNumbers = 45, kSmplhJoints = 52;
constexpr double kWalkSigma = 3.0;

// Tolerance for the sum of a landmark's weights and for negative skinning weights, since files hold float32.
constexpr double kSumTolerance = 1e-3, kNegativeTolerance = 1e-6;

// The root's parent in files with unsigned parents.
constexpr std::int64_t kUnsignedRoot = 4294967295;

std::string ToText(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t size : shape)
    text += (text.empty() ? "(" : ", ") + (size == kAnySize ? std::string("n") : std::to_string(size));
  return (text.empty() ? "(" : text) + ")";
}

template <typename T>
void CheckShape(const NpzFile& file,
                const std::string& name,
                const NpyArray<T>& array,
                const std::vector<std::int64_t>& expected) {
  bool same = array.shape.size() == expected.size();
  for (size_t i = 0; same && i < expected.size(); ++i)
    same = expected[i] == kAnySize ? array.shape[i] >= 1 : array.shape[i] == expected[i];
  if (!same) file.Refuse(name, ToText(expected), ToText(array.shape));
}

std::string FirstOf(const NpzFile& file, const std::string& name, const std::string& other) {
  return !file.Has(name) && file.Has(other) ? other : name;
}

RowMatrix ToMatrix(const std::vector<double>& values, std::int64_t rows) {
  return Eigen::Map<const RowMatrix>(values.data(), rows, static_cast<Eigen::Index>(values.size()) / rows);
}

int ToInt(const NpzFile& file, const std::string& name, std::int64_t value) {
  if (value != static_cast<int>(value)) file.Refuse(name, "32-bit integers", std::to_string(value));
  return static_cast<int>(value);
}

std::vector<int> ToInts(const NpzFile& file, const std::string& name, const NpyArray<std::int64_t>& array) {
  std::vector<int> values;
  values.reserve(array.values.size());
  for (const std::int64_t value : array.values) values.push_back(ToInt(file, name, value));
  return values;
}

std::vector<int> Vertices(const NpzFile& file,
                          const std::string& name,
                          const NpyArray<std::int64_t>& array,
                          std::int64_t num_vertices) {
  for (const std::int64_t vertex : array.values)
    if (vertex < 0 || vertex >= num_vertices)
      file.Refuse(name, "vertices within 0 .. " + std::to_string(num_vertices - 1), std::to_string(vertex));
  return ToInts(file, name, array);
}

std::vector<int> ReadParents(const NpzFile& file) {
  const std::string name = FirstOf(file, "parents", "kintree_table");
  NpyArray<std::int64_t> parents = file.Integers(name);
  if (name == "parents") {
    CheckShape(file, name, parents, {kAnySize});
  } else {
    CheckShape(file, name, parents, {2, kAnySize});
    const size_t J = parents.values.size() / 2;
    for (size_t j = 0; j < J; ++j)
      if (parents.values[J + j] != static_cast<std::int64_t>(j))
        file.Refuse(name, "parents above joints 0 .. J-1", "other joints");
    parents.values.resize(J);
  }
  for (std::int64_t& parent : parents.values)
    if (parent == kUnsignedRoot) parent = -1;
  return ToInts(file, name, parents);
}

struct Shapedirs {
  RowMatrix betas;                          // 3V x (betas kept)
  std::vector<FrameDirections> expression;  // of a body with a face
};

Shapedirs ReadShapedirs(const NpzFile& file, std::int64_t V, std::int64_t J, int num_betas) {
  const NpyArray<double> array = file.Floats("shapedirs");
  CheckShape(file, "shapedirs", array, {V, 3, kAnySize});
  const std::int64_t columns = array.shape[2];
  std::int64_t shape = columns;
  if (file.Has("num_betas")) {
    const NpyArray<std::int64_t> stated = file.Integers("num_betas");
    if (stated.values.size() != 1 || stated.values[0] < 1 || stated.values[0] > columns)
      file.Refuse("num_betas", "1 .. " + std::to_string(columns), "another number");
    shape = stated.values[0];
  } else if (J == kSmplxJoints) {
    shape = columns == kShortColumns ? kShortShape : std::min(columns, kSmplxShapeColumns);
  }
  const RowMatrix all = ToMatrix(array.values, 3 * V);
  Shapedirs kept{all.leftCols(std::min<std::int64_t>(num_betas, shape)), {}};
  const std::int64_t expressions = std::min(kExpressions, columns - shape);
  if (J == kSmplxJoints && expressions > 0)
    kept.expression.push_back({"expression", all.middleCols(shape, expressions), kWalkSigma});
  return kept;
}

// (count) standard deviations of the components: stated, or those of coefficients, or 1.
Eigen::VectorXd ReadHandSigmas(const NpzFile& file, const std::string& letter, std::int64_t count) {
  const std::string stated = "hands_sd" + letter, sampled = "hands_coeffs" + letter;
  Eigen::VectorXd sigmas = Eigen::VectorXd::Ones(count);
  if (file.Has(stated)) {
    const NpyArray<double> array = file.Floats(stated);
    if (static_cast<std::int64_t>(array.values.size()) < count)
      file.Refuse(stated, std::to_string(count) + " numbers", std::to_string(array.values.size()));
    sigmas = Eigen::Map<const Eigen::VectorXd>(array.values.data(), count);
  } else if (file.Has(sampled)) {
    const NpyArray<double> array = file.Floats(sampled);
    CheckShape(file, sampled, array, {kAnySize, kAnySize});
    if (array.shape[1] < count)
      file.Refuse(sampled, std::to_string(count) + " columns", std::to_string(array.shape[1]));
    const RowMatrix rows = ToMatrix(array.values, array.shape[0]).leftCols(count);
    const Eigen::RowVectorXd mean = rows.colwise().mean();
    sigmas = (rows.rowwise() - mean).array().square().colwise().mean().sqrt().transpose();
  }
  if (!(sigmas.array() > 0.0).all()) file.Refuse(stated, "standard deviations above 0", "others");
  return sigmas;
}

// The components of both hands; none for a file without them. Rows of hands_components are those of 45
// axis-angle numbers about hands_mean.
std::vector<PoseComponents> ReadHands(const NpzFile& file, std::int64_t J) {
  std::vector<PoseComponents> hands;
  if ((J != kSmplhJoints && J != kSmplxJoints) || !file.Has("hands_componentsl")) return hands;
  for (const std::string side : {"left", "right"}) {
    const std::string letter = side.substr(0, 1);
    const std::string components_name = "hands_components" + letter, mean_name = "hands_mean" + letter;
    const NpyArray<double> components = file.Floats(components_name), mean = file.Floats(mean_name);
    CheckShape(file, components_name, components, {kAnySize, kHandNumbers});
    CheckShape(file, mean_name, mean, {kHandNumbers});
    const std::int64_t count = std::min(kHandComponents, components.shape[0]);
    const Eigen::VectorXd sigmas = ReadHandSigmas(file, letter, count);
    const RowMatrix directions = ToMatrix(components.values, components.shape[0]).topRows(count);
    const std::int64_t from_end = (side == "left" ? 2 : 1) * kHandNumbers / 3;
    hands.push_back({side + "_hand",
                     static_cast<int>(J - from_end),
                     Eigen::Map<const Eigen::VectorXd>(mean.values.data(), kHandNumbers),
                     (sigmas.asDiagonal() * directions).transpose(),
                     kWalkSigma});
  }
  return hands;
}

PoseBlendShapes ReadPosedirs(const NpzFile& file, std::int64_t V, std::int64_t J) {
  const NpyArray<double> directions = file.Floats("posedirs");
  if (!file.Has("posedirs_vertices")) {
    CheckShape(file, "posedirs", directions, {V, 3, 9 * (J - 1)});
    return PoseBlendShapes::FromDense(ToMatrix(directions.values, 3 * V), static_cast<int>(V));
  }
  const NpyArray<std::int64_t> vertices = file.Integers("posedirs_vertices");
  const NpyArray<std::int64_t> joints = file.Integers("posedirs_joints");
  CheckShape(file, "posedirs_vertices", vertices, {kAnySize});
  const std::int64_t N = vertices.shape[0];
  CheckShape(file, "posedirs_joints", joints, {N});
  CheckShape(file, "posedirs", directions, {N, 3, 9});
  return PoseBlendShapes::FromPairs(ToInts(file, "posedirs_vertices", vertices),
                                    ToInts(file, "posedirs_joints", joints),
                                    ToMatrix(directions.values, 3 * N),
                                    static_cast<int>(V));
}

// Called after lbs_weights, V x J, have been read, which bounds the size of the matrix.
RowMatrix ReadJointRegressor(const NpzFile& file, std::int64_t V, std::int64_t J) {
  const NpyArray<double> weights = file.Floats("J_regressor");
  if (!file.Has("J_regressor_vertices")) {
    CheckShape(file, "J_regressor", weights, {J, V});
    return ToMatrix(weights.values, J);
  }
  const NpyArray<std::int64_t> numbers = file.Integers("J_regressor_vertices");
  CheckShape(file, "J_regressor_vertices", numbers, {J, kAnySize});
  CheckShape(file, "J_regressor", weights, numbers.shape);
  const std::vector<int> vertices = Vertices(file, "J_regressor_vertices", numbers, V);
  const size_t N = static_cast<size_t>(numbers.shape[1]);
  RowMatrix regressor = RowMatrix::Zero(J, V);
  for (size_t i = 0; i < vertices.size(); ++i)
    regressor(static_cast<Eigen::Index>(i / N), vertices[i]) += weights.values[i];
  return regressor;
}

RowMatrix ReadSkinningWeights(const NpzFile& file, std::int64_t V, std::int64_t J) {
  const std::string name = FirstOf(file, "lbs_weights", "weights");
  const NpyArray<double> weights = file.Floats(name);
  CheckShape(file, name, weights, {V, J});
  for (const double weight : weights.values)
    if (weight < -kNegativeTolerance) file.Refuse(name, "weights >= 0", std::to_string(weight));
  return ToMatrix(weights.values, V);
}

std::vector<Landmark> ReadLandmarks(const NpzFile& file, std::int64_t V, std::int64_t J) {
  if (!file.Has("landmark_names")) return KnownLandmarks(V, J);
  const std::vector<std::string> names = file.Texts("landmark_names").values;
  if (std::set<std::string>(names.begin(), names.end()).size() != names.size())
    file.Refuse("landmark_names", "different names", "some twice");
  const NpyArray<std::int64_t> numbers = file.Integers("landmark_vertices");
  const NpyArray<double> weights = file.Floats("landmark_weights");
  CheckShape(file, "landmark_vertices", numbers, {static_cast<std::int64_t>(names.size()), kAnySize});
  CheckShape(file, "landmark_weights", weights, numbers.shape);
  const std::vector<int> vertices = Vertices(file, "landmark_vertices", numbers, V);
  const size_t N = static_cast<size_t>(numbers.shape[1]);
  std::vector<Landmark> landmarks;
  for (size_t row = 0; row < names.size(); ++row) {
    Landmark landmark{names[row], {}, {}};
    double sum = 0.0;
    for (size_t i = row * N; i < (row + 1) * N; ++i) {
      if (weights.values[i] == 0.0) continue;
      landmark.vertices.push_back(vertices[i]);
      landmark.weights.push_back(weights.values[i]);
      sum += weights.values[i];
    }
    if (!(std::abs(sum - 1.0) <= kSumTolerance))
      file.Refuse("landmark_weights", "rows that sum to 1", std::to_string(sum) + " for " + names[row]);
    landmarks.push_back(std::move(landmark));
  }
  return landmarks;
}

// Points of the face as corners of their triangles: 51 of lmk_faces_idx, and the edge as seen from the front,
// row 0 of dynamic_lmk_faces_idx.
std::vector<Landmark> ReadFace(const NpzFile& file, const RowMatrixI& faces) {
  std::vector<Landmark> landmarks;
  const std::vector<std::string>& names = FaceLandmarks();
  for (const bool is_edge : {true, false}) {
    const std::string prefix = is_edge ? "dynamic_lmk" : "lmk";
    const std::string faces_name = prefix + "_faces_idx", weights_name = prefix + "_bary_coords";
    if (!file.Has(faces_name)) continue;
    const size_t first = is_edge ? 0 : kNumContourLandmarks;
    const size_t count = is_edge ? kNumContourLandmarks : names.size() - kNumContourLandmarks;
    const auto L = static_cast<std::int64_t>(count);
    const NpyArray<std::int64_t> numbers = file.Integers(faces_name);
    const NpyArray<double> weights = file.Floats(weights_name);
    using Shape = std::vector<std::int64_t>;
    CheckShape(file, faces_name, numbers, is_edge ? Shape{kAnySize, L} : Shape{L});
    CheckShape(file, weights_name, weights, is_edge ? Shape{numbers.shape[0], L, 3} : Shape{L, 3});
    for (size_t i = 0; i < count; ++i) {
      const std::int64_t face = numbers.values[i];
      if (face < 0 || face >= faces.rows())
        file.Refuse(
            faces_name, "triangles within 0 .. " + std::to_string(faces.rows() - 1), std::to_string(face));
      const auto corners = faces.row(face);
      const auto begin = weights.values.begin() + static_cast<std::ptrdiff_t>(3 * i);
      landmarks.push_back({names[first + i], {corners[0], corners[1], corners[2]}, {begin, begin + 3}});
    }
  }
  return landmarks;
}

std::vector<std::string> ReadJointNames(const NpzFile& file, size_t J) {
  if (!file.Has("joint_names")) return JointNames(static_cast<int>(J));
  std::vector<std::string> names = file.Texts("joint_names").values;
  if (names.size() != J || std::set<std::string>(names.begin(), names.end()).size() != J)
    file.Refuse("joint_names", std::to_string(J) + " different names", "others");
  return names;
}

std::string ReadName(const NpzFile& file, const std::string& path) {
  if (file.Has("name")) {
    const NpyArray<std::string> name = file.Texts("name");
    if (!name.values.empty()) return name.values.front();
  }
  const size_t begin = path.find_last_of("/\\") == std::string::npos ? 0 : path.find_last_of("/\\") + 1;
  return path.substr(begin, path.find_last_of('.') - begin);
}

}  // namespace

NamedBody ReadBody(const std::string& path, int num_betas) {
  CheckPositive("num_betas", num_betas);
  const NpzFile file(path);
  BodyModelArrays arrays;
  arrays.parents = ReadParents(file);
  const std::int64_t J = static_cast<std::int64_t>(arrays.parents.size());
  const NpyArray<double> v_template = file.Floats("v_template");
  CheckShape(file, "v_template", v_template, {kAnySize, 3});
  const std::int64_t V = v_template.shape[0];
  arrays.v_template = ToMatrix(v_template.values, V);
  arrays.lbs_weights = ReadSkinningWeights(file, V, J);
  Shapedirs shapedirs = ReadShapedirs(file, V, J, num_betas);
  arrays.shapedirs = std::move(shapedirs.betas);
  arrays.frame_slices = std::move(shapedirs.expression);
  arrays.pose_components = ReadHands(file, J);
  arrays.joint_regressor = ReadJointRegressor(file, V, J);
  const std::string faces_name = FirstOf(file, "faces", "f");
  const NpyArray<std::int64_t> faces = file.Integers(faces_name);
  CheckShape(file, faces_name, faces, {kAnySize, 3});
  const std::vector<int> corners = Vertices(file, faces_name, faces, V);
  arrays.faces = Eigen::Map<const RowMatrixI>(corners.data(), faces.shape[0], 3);

  NamedBody body;
  body.name = ReadName(file, path);
  body.joint_names = ReadJointNames(file, arrays.parents.size());
  body.landmarks = ReadLandmarks(file, V, J);
  for (Landmark& landmark : ReadFace(file, arrays.faces)) body.landmarks.push_back(std::move(landmark));
  try {
    CheckParents(arrays.parents);
    arrays.posedirs = ReadPosedirs(file, V, J);
    body.model = std::make_shared<const BodyModel>(std::move(arrays));
  } catch (const std::invalid_argument& error) {
    const std::string message = error.what();
    throw std::invalid_argument(message.compare(0, path.size(), path) == 0 ? message : path + ": " + message);
  }
  return body;
}

}  // namespace smplceres
