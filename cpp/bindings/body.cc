// BodyModel and SkinnedPoints.
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "bindings/arrays.h"
#include "bindings/docs.h"
#include "bindings/signals.h"
#include "bindings/slices.h"
#include "smplceres/body/body_model.h"
#include "smplceres/body/pose_bodies.h"
#include "smplceres/body/skinned_points.h"

namespace smplceres::bindings {
namespace {

using Posedirs = py::typing::Union<Array, py::typing::Tuple<IntArray, IntArray, Array>>;

PoseBlendShapes MakePoseBlendShapes(const Posedirs& posedirs, py::ssize_t V, py::ssize_t J) {
  if (py::isinstance<py::tuple>(posedirs)) {
    const auto [vertices, joints, directions] = py::cast<std::tuple<IntArray, IntArray, Array>>(posedirs);
    CheckShape("posedirs vertices", vertices, {kAny});
    CheckShape("posedirs joints", joints, {vertices.shape(0)});
    CheckShape("posedirs directions", directions, {vertices.shape(0), 3, 9});
    return PoseBlendShapes::FromPairs({vertices.data(), vertices.data() + vertices.size()},
                                      {joints.data(), joints.data() + joints.size()},
                                      Eigen::Map<const RowMatrix>(directions.data(), 3 * vertices.size(), 9),
                                      static_cast<int>(V));
  }
  const Array dense = py::cast<Array>(posedirs);
  CheckShape("posedirs", dense, {V, 3, 9 * (J - 1)});
  return PoseBlendShapes::FromDense(Eigen::Map<const RowMatrix>(dense.data(), 3 * V, 9 * (J - 1)),
                                    static_cast<int>(V));
}

using FrameSlice = std::tuple<std::string, Array, double>;
using Components = std::tuple<std::string, int, Array, Array, double>;

std::shared_ptr<BodyModel> MakeBodyModel(const Array& v_template,
                                         const Array& shapedirs,
                                         const Posedirs& posedirs,
                                         const Array& joint_regressor,
                                         const Array& lbs_weights,
                                         const std::vector<int>& parents,
                                         const IntArray& faces,
                                         const std::vector<FrameSlice>& frame_slices,
                                         const std::vector<Components>& pose_components) {
  CheckParents(parents);
  const py::ssize_t J = static_cast<py::ssize_t>(parents.size());
  CheckShape("v_template", v_template, {kAny, 3});
  const py::ssize_t V = v_template.shape(0);
  CheckShape("shapedirs", shapedirs, {V, 3, kAny});
  CheckShape("J_regressor", joint_regressor, {J, V});
  CheckShape("lbs_weights", lbs_weights, {V, J});
  CheckShape("faces", faces, {kAny, 3});
  BodyModelArrays arrays;
  arrays.v_template = ToMatrix(v_template, V);
  arrays.shapedirs = ToMatrix(shapedirs, 3 * V);
  arrays.posedirs = MakePoseBlendShapes(posedirs, V, J);
  arrays.joint_regressor = ToMatrix(joint_regressor, J);
  arrays.lbs_weights = ToMatrix(lbs_weights, V);
  arrays.parents = parents;
  arrays.faces = Eigen::Map<const RowMatrixI>(faces.data(), faces.shape(0), 3);
  for (const auto& [name, directions, walk_sigma] : frame_slices) {
    CheckShape(name.c_str(), directions, {V, 3, kAny});
    arrays.frame_slices.push_back({name, ToMatrix(directions, 3 * V), walk_sigma});
  }
  for (const auto& [name, first_joint, mean, directions, walk_sigma] : pose_components) {
    CheckShape(name.c_str(), mean, {kAny, 3});
    CheckShape(name.c_str(), directions, {mean.shape(0), 3, kAny});
    arrays.pose_components.push_back({name,
                                      first_joint,
                                      Eigen::Map<const Eigen::VectorXd>(mean.data(), mean.size()),
                                      ToMatrix(directions, mean.size()),
                                      walk_sigma});
  }
  return std::make_shared<BodyModel>(std::move(arrays));
}

struct Posed {
  Kinematics<double> kinematics;
  Eigen::VectorXd shape, body_pose;
};

Posed Pose(const BodyModel& model,
           const Array& betas,
           const Array& global_orient,
           const Array& body_pose,
           const Array& transl,
           const SliceArrays& slices) {
  Posed posed;
  posed.shape = ToShape(model, betas, slices);
  posed.body_pose = ToFiniteVector("body_pose", body_pose, model.num_pose_angles());
  const Eigen::VectorXd root = ToFiniteVector("global_orient", global_orient, 3);
  const Eigen::VectorXd t = ToFiniteVector("transl", transl, 3);
  posed.kinematics.Compute(model, Exp(root.data()), posed.body_pose.data(), posed.shape.data(), t.data());
  return posed;
}

// Rows of an array (n, ...) of so many numbers each.
BodyPoses::Rows ToRows(const char* name, const Array& array, const std::vector<py::ssize_t>& of_body) {
  std::vector<py::ssize_t> shape = {kAny};
  shape.insert(shape.end(), of_body.begin(), of_body.end());
  CheckShape(name, array, shape);
  CheckFinite(name, array);
  Eigen::Index size = 1;
  for (const py::ssize_t length : of_body) size *= length;
  return {array.data(), array.shape(0), size};
}

// Joints, and vertices of that Scalar unless with_vertices is false.
template <typename Scalar>
std::pair<py::array, Array> RunPoseBodies(const BodyModel& model,
                                          const BodyPoses& poses,
                                          int threads,
                                          bool with_vertices) {
  const py::ssize_t N = poses.size();
  Array joints(std::vector<py::ssize_t>{N, model.num_joints(), 3});
  py::array_t<Scalar> vertices;
  if (with_vertices) vertices = py::array_t<Scalar>(std::vector<py::ssize_t>{N, model.num_vertices(), 3});
  double* const to_joints = joints.mutable_data();
  Scalar* const to_vertices = with_vertices ? vertices.mutable_data() : nullptr;
  WithoutGil([&](const Interrupted& interrupted) {
    PoseBodies(model, poses, threads, interrupted, to_joints, to_vertices);
  });
  return {vertices, joints};
}

// Betas, and the coefficients of the further slices beside them: a row for each body, or one for all.
RowMatrix JoinRows(const BodyModel& model, const Array& betas, const SliceArrays& slices) {
  const FrameLayout& layout = model.layout();
  CheckNames(layout, slices);
  std::vector<BodyPoses::Rows> parts = {ToRows("betas", betas, {model.num_betas()})};
  std::vector<Eigen::Index> columns = {0};
  Eigen::Index bodies = parts[0].rows();
  for (const Slice& slice : layout.slices())
    if (const auto found = slices.find(slice.name); found != slices.end()) {
      parts.push_back(ToRows(slice.name.c_str(), found->second, {slice.size}));
      columns.push_back(model.num_betas() + slice.begin - layout.coefficients());
      bodies = std::max(bodies, parts.back().rows());
    }
  RowMatrix shape = RowMatrix::Zero(bodies, model.num_directions());
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].rows() != 1 && parts[i].rows() != bodies)
      throw std::invalid_argument("slices: expected as many bodies as of betas, or one, got " +
                                  std::to_string(parts[i].rows()) + " and " + std::to_string(bodies));
    for (Eigen::Index row = 0; row < bodies; ++row)
      shape.row(row).segment(columns[i], parts[i].cols()) = parts[i].row(parts[i].rows() == 1 ? 0 : row);
  }
  return shape;
}

// shape: of JoinRows.
BodyPoses ToBodyPoses(const BodyModel& model,
                      const RowMatrix& shape,
                      const Array& global_orient,
                      const Array& body_pose,
                      const Array& transl) {
  return {{shape.data(), shape.rows(), shape.cols()},
          ToRows("global_orient", global_orient, {3}),
          ToRows("body_pose", body_pose, {model.num_joints() - 1, 3}),
          ToRows("transl", transl, {3})};
}

std::pair<py::array, Array> PoseVertices(const BodyModel& model,
                                         const Array& betas,
                                         const Array& global_orient,
                                         const Array& body_pose,
                                         const Array& transl,
                                         const SliceArrays& slices,
                                         bool single_precision,
                                         int threads) {
  const RowMatrix shape = JoinRows(model, betas, slices);
  const BodyPoses poses = ToBodyPoses(model, shape, global_orient, body_pose, transl);
  return single_precision ? RunPoseBodies<float>(model, poses, threads, true)
                          : RunPoseBodies<double>(model, poses, threads, true);
}

Array PoseJoints(const BodyModel& model,
                 const Array& betas,
                 const Array& global_orient,
                 const Array& body_pose,
                 const Array& transl,
                 const SliceArrays& slices,
                 int threads) {
  const RowMatrix shape = JoinRows(model, betas, slices);
  const BodyPoses poses = ToBodyPoses(model, shape, global_orient, body_pose, transl);
  return RunPoseBodies<double>(model, poses, threads, false).second;
}

int AddPoint(SkinnedPoints& points,
             const BodyModel& model,
             const Weighted& joints,
             const Weighted& vertices,
             const Array& offset) {
  return points.Add(model, joints, vertices, ToFiniteVector("offset", offset, 3));
}

Array EvaluatePoints(const SkinnedPoints& points,
                     const BodyModel& model,
                     const Array& betas,
                     const Array& global_orient,
                     const Array& body_pose,
                     const Array& transl,
                     const SliceArrays& slices) {
  points.CheckBody(model);
  const Posed posed = Pose(model, betas, global_orient, body_pose, transl, slices);
  RowMatrix positions(points.size(), 3);
  points.Evaluate(posed.kinematics, posed.shape.data(), positions.data());
  return ToArray(positions, {points.size(), 3});
}

std::tuple<Array, Array, Array> EvaluatePointsWithJacobian(const SkinnedPoints& points,
                                                           const BodyModel& model,
                                                           const Array& betas,
                                                           const Array& global_orient,
                                                           const Array& body_pose,
                                                           const Array& transl,
                                                           const SliceArrays& slices) {
  points.CheckBody(model);
  const Posed posed = Pose(model, betas, global_orient, body_pose, transl, slices);
  KinematicsJacobian derivative;
  const Eigen::Map<const Eigen::Vector3d> root(global_orient.data());
  derivative.Compute(model, posed.kinematics, LeftJacobian(root), posed.body_pose.data(), true);
  RowMatrix positions(points.size(), 3);
  SkinnedPoints::Jacobian jacobian = points.MakeJacobian();
  points.Evaluate(posed.kinematics, derivative, posed.shape.data(), true, positions.data(), &jacobian);
  return {ToArray(positions, {points.size(), 3}),
          ToArray(jacobian.pose, {points.size(), 3, jacobian.pose.cols()}),
          ToArray(jacobian.shape, {points.size(), 3, jacobian.shape.cols()})};
}

}  // namespace

void BindBody(py::module_& m) {
  py::class_<FrameLayout>(m, "FrameLayout", "The layout of a frame's parameters in a vector.")
      .def_property_readonly(
          "slices",
          [](const FrameLayout& layout) {
            std::vector<std::tuple<std::string, int, int>> slices;
            for (const Slice& slice : layout.slices())
              slices.emplace_back(slice.name, slice.begin, slice.size);
            return slices;
          },
          "Name, first index and size, in order: global_orient, body_pose, transl, further slices.")
      .def_property_readonly(
          "further",
          [](const FrameLayout& layout) {
            std::vector<std::pair<std::string, int>> further;
            for (const Slice& slice : layout.slices())
              if (slice.kind == SliceKind::kCoefficients) further.emplace_back(slice.name, slice.size);
            return further;
          },
          "Name and size of the slices of coefficients, which only some bodies have.")
      .def_property_readonly(
          "components",
          [](const FrameLayout& layout) {
            std::vector<std::tuple<std::string, int, Array, Array>> all;
            for (const Slice& slice : layout.driven()) {
              const PoseComponents& components = *slice.components;
              all.emplace_back(slice.name,
                               components.first_joint,
                               ToArray(components.mean, {components.num_joints(), 3}),
                               ToArray(components.directions, {components.num_joints(), 3, slice.size}));
            }
            return all;
          },
          "Name, first joint, mean (j, 3) and directions (j, 3, n) in radians of the components that drive "
          "the "
          "last joints.")
      .def_property_readonly("num_free_joints",
                             &FrameLayout::num_free_joints,
                             "Number of joints with axis-angles of their own; components drive the others.")
      .def_property_readonly("size", &FrameLayout::size, "Number of parameters of a frame.")
      .def("names",
           &FrameLayout::Names,
           Doc(R"(Names of all parameters, such as "left_knee x", "transl z" and "expression 0".

           Raises:
               ValueError: the number of names is not the number of joints.
           )"),
           py::arg("joint_names"));

  py::class_<BodyModel, std::shared_ptr<BodyModel>>(m, "BodyModel", Doc(R"(A body in SMPL's form.

           Source: Loper et al., SMPL: A Skinned Multi-Person Linear Model, 2015.
           )"))
      .def(py::init(&MakeBodyModel),
           Doc(R"(Args:
               v_template: (V, 3) vertices of the mean shape at rest, metres.
               shapedirs: (V, 3, B) displacement per beta, metres.
               posedirs: (V, 3, 9(J-1)) displacement per element of R - I, row-major, joints 1 to J-1;
                   or N pairs in ascending order: vertices (N,), joints (N,), directions (N, 3, 9).
               J_regressor: (J, V) weights that take vertices at rest to joints.
               lbs_weights: (V, J) skinning weights, rows sum to 1.
               parents: J numbers, parents[0] = -1 and 0 <= parents[j] < j.
               faces: (F, 3) vertex numbers.
               frame_slices: name, (V, 3, n) metres per coefficient, and the standard deviation of a
                   coefficient's change over a second.
               pose_components: name, first joint, mean (j, 3) and directions (j, 3, n) of the axis-angles of
                   j successive joints in radians, and the standard deviation of a component's change over
                   a second; together they drive each of the last joints once, or none.

           Raises:
               ValueError: sizes that do not fit, NaN, a joint tree that is none.
           )"),
           py::kw_only(),
           py::arg("v_template"),
           py::arg("shapedirs"),
           py::arg("posedirs"),
           py::arg("J_regressor"),
           py::arg("lbs_weights"),
           py::arg("parents"),
           py::arg("faces"),
           py::arg("frame_slices") = std::vector<FrameSlice>(),
           py::arg("pose_components") = std::vector<Components>())
      .def_property_readonly("layout", &BodyModel::layout, "The layout of a frame.")
      .def_property_readonly("num_vertices", &BodyModel::num_vertices, "V.")
      .def_property_readonly("num_joints", &BodyModel::num_joints, "J.")
      .def_property_readonly("num_betas", &BodyModel::num_betas, "B.")
      .def_property_readonly("parents", &BodyModel::parents, "J numbers, -1 at the root.")
      .def_property_readonly(
          "faces",
          [](const BodyModel& model) {
            return ToArray(model.faces(), {model.faces().rows(), 3});
          },
          "(F, 3) vertex numbers.")
      .def_property_readonly(
          "v_template",
          [](const BodyModel& model) {
            return ToArray(model.v_template(), {model.num_vertices(), 3});
          },
          "(V, 3) metres.")
      .def_property_readonly(
          "shapedirs",
          [](const BodyModel& model) {
            return ToArray(model.shapedirs().leftCols(model.num_betas()),
                           {model.num_vertices(), 3, model.num_betas()});
          },
          "(V, 3, B) metres per beta.")
      .def_property_readonly(
          "posedirs",
          [](const BodyModel& model) {
            return ToArray(model.posedirs().Dense(model.num_joints()),
                           {model.num_vertices(), 3, model.num_pose_features()});
          },
          "(V, 3, 9(J-1)) metres.")
      .def_property_readonly(
          "J_regressor",
          [](const BodyModel& model) {
            return ToArray(model.joint_regressor(), {model.num_joints(), model.num_vertices()});
          },
          "(J, V).")
      .def_property_readonly(
          "lbs_weights",
          [](const BodyModel& model) {
            return ToArray(model.lbs_weights(), {model.num_vertices(), model.num_joints()});
          },
          "(V, J).")
      .def("pose",
           &PoseVertices,
           Doc(R"(Vertices (N, V, 3), float64 or float32, and joints (N, J, 3) of N bodies, metres. Results
           are bitwise identical alone and in a batch, and for any number of threads.

           Each argument has N rows, or one row shared by all bodies.

           Args:
               betas: (N, B) shape coefficients, standard deviations.
               global_orient: (N, 3) axis-angle of the root about the pelvis, radians.
               body_pose: (N, J-1, 3) axis-angles, radians.
               transl: (N, 3) metres, added to all.
               single_precision: compute and return the vertices as float32, from pose blend shapes
                   rounded to 16 bits.
               slices: coefficients of further slices by name, (N, n) each; 0 for missing names.
               threads: number of threads, >= 1.

           Raises:
               ValueError: a wrong shape, NaN.
           )"),
           py::kw_only(),
           py::arg("betas"),
           py::arg("global_orient"),
           py::arg("body_pose"),
           py::arg("transl"),
           py::arg("slices") = SliceArrays(),
           py::arg("single_precision") = false,
           py::arg("threads") = 1)
      .def("joints",
           &PoseJoints,
           "Joints (N, J, 3) of N bodies, metres; arguments as `pose`.",
           py::kw_only(),
           py::arg("betas"),
           py::arg("global_orient"),
           py::arg("body_pose"),
           py::arg("transl"),
           py::arg("slices") = SliceArrays(),
           py::arg("threads") = 1);

  py::class_<SkinnedPoints, std::shared_ptr<SkinnedPoints>>(
      m,
      "SkinnedPoints",
      "Points on a body: joints, vertices, and weighted sums of both, with their derivatives.")
      .def(py::init<const BodyModel&>(),
           "Creates an empty set of points of a body, the one that the methods expect again.",
           py::arg("model"))
      .def("__len__", &SkinnedPoints::size, "N, the number of points.")
      .def("add",
           &AddPoint,
           Doc(R"(Appends the point  sum w joint + sum w vertex  and returns its index.

           Args:
               model: the body that the points were made for.
               joints: (joint, weight) pairs.
               vertices: (vertex, weight) pairs; weights of a point usually sum to 1.
               offset: (3,) metres, added to the rest position of each of the vertices: a marker above
                   the skin, at a distance that does not depend on betas.

           Raises:
               ValueError: another body, an index outside the body, a weight that is not finite, no
                   pairs, an offset of a point with joints.
           )"),
           py::arg("model"),
           py::kw_only(),
           py::arg("joints") = Weighted(),
           py::arg("vertices") = Weighted(),
           py::arg("offset") = std::array<double, 3>{0.0, 0.0, 0.0})
      .def("evaluate",
           &EvaluatePoints,
           Doc(R"((N, 3) positions of the points of a posed body, metres.

           Args:
               model: the body that the points were made for.
               betas: (B,) shape coefficients, standard deviations.
               global_orient: (3,) axis-angle of the root about the pelvis, radians.
               body_pose: (J-1, 3) axis-angles, radians.
               transl: (3,) metres, added to all.
               slices: coefficients of further slices by name; 0 for missing names.

           Raises:
               ValueError: another body, a wrong number of values, NaN.
           )"),
           py::arg("model"),
           py::kw_only(),
           py::arg("betas"),
           py::arg("global_orient"),
           py::arg("body_pose"),
           py::arg("transl"),
           py::arg("slices") = SliceArrays())
      .def(
          "evaluate_with_jacobian",
          &EvaluatePointsWithJacobian,
          Doc(R"((N, 3) positions, (N, 3, 3J) their derivatives with respect to global_orient and body_pose, and
           (N, 3, B + X) with respect to betas and the X coefficients of further slices.

           Arguments and exceptions are those of `evaluate`.
           )"),
          py::arg("model"),
          py::kw_only(),
          py::arg("betas"),
          py::arg("global_orient"),
          py::arg("body_pose"),
          py::arg("transl"),
          py::arg("slices") = SliceArrays());
}

}  // namespace smplceres::bindings
