// Masks, and the outline of a posed body.
#include <pybind11/stl.h>

#include <cmath>
#include <memory>
#include <tuple>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/docs.h"
#include "smplceres/match/outline.h"
#include "smplceres/objective/posed_vertices.h"

namespace smplceres::bindings {
namespace {

using PixelArray = py::array_t<bool, py::array::c_style | py::array::forcecast>;

std::shared_ptr<Mask> MakeMask(const PixelArray& person) {
  CheckShape("person", person, {kAny, kAny});
  const Pixels pixels = Eigen::Map<const Pixels>(person.data(), person.shape(0), person.shape(1));
  const py::gil_scoped_release release;
  return std::make_shared<Mask>(pixels);
}

auto SignedDistances(const Mask& mask, const Array& pixels) {
  CheckShape("pixels", pixels, {kAny, 2});
  CheckFinite("pixels", pixels);
  const RowMatrix uv = ToMatrix(pixels, pixels.shape(0));
  Eigen::VectorXd values(uv.rows());
  RowMatrix gradients(uv.rows(), 2);
  for (Eigen::Index i = 0; i < uv.rows(); ++i) {
    const Mask::Sample at = mask.SignedDistance(uv(i, 0), uv(i, 1));
    values[i] = at.value;
    gradients.row(i) = at.gradient;
  }
  return std::make_tuple(ToArray(values, {uv.rows()}), ToArray(gradients, {uv.rows(), 2}));
}

std::vector<OutlineEdge> OutlineOf(const BodyModel& model, const Camera& camera, const Variables& variables) {
  variables.Check(model, 1);
  return VisibleOutline(model, camera, std::exp(variables.log_zoom[0]), PosedVertices(model, variables));
}

// Vertices and the fractions of the second.
auto ToTuple(const std::vector<EdgePoint>& points) {
  const auto n = static_cast<py::ssize_t>(points.size());
  RowMatrixI vertices(n, 2);
  Eigen::VectorXd shares(n);
  for (py::ssize_t i = 0; i < n; ++i) {
    const EdgePoint& point = points[static_cast<size_t>(i)];
    vertices.row(i) << point.a, point.b;
    shares[i] = point.share;
  }
  return std::make_tuple(ToArray(vertices, {n, 2}), ToArray(shares, {n}));
}

auto Outline(const BodyModel& model, const Camera& camera, const Variables& variables) {
  const std::vector<OutlineEdge> edges = OutlineOf(model, camera, variables);
  const auto n = static_cast<py::ssize_t>(edges.size());
  RowMatrixI vertices(n, 2);
  RowMatrix normals(n, 2);
  for (py::ssize_t i = 0; i < n; ++i) {
    const OutlineEdge& edge = edges[static_cast<size_t>(i)];
    vertices.row(i) << edge.a, edge.b;
    normals.row(i) = edge.normal;
  }
  return std::make_tuple(ToArray(vertices, {n, 2}), ToArray(normals, {n, 2}));
}

auto Spread(const BodyModel& model, const Camera& camera, const Variables& variables, int count) {
  return ToTuple(SpreadPoints(model, OutlineOf(model, camera, variables), count));
}

auto Matches(const BodyModel& model,
             const Camera& camera,
             const Variables& variables,
             const Mask& mask,
             const SilhouetteContourOptions& options,
             double unit) {
  Check(options);
  CheckPositive("unit", unit);
  std::vector<int> numbers;
  std::vector<EdgePoint> points;
  for (const ContourMatch& match : MatchContour(mask, OutlineOf(model, camera, variables), options, unit)) {
    numbers.push_back(match.contour_point);
    points.push_back(match.point);
  }
  const Eigen::Map<const Eigen::VectorXi> matched(numbers.data(), static_cast<Eigen::Index>(numbers.size()));
  return std::tuple_cat(std::make_tuple(ToArray(matched, {matched.size()})), ToTuple(points));
}

}  // namespace

void BindMask(py::module_& m) {
  py::class_<Mask, std::shared_ptr<Mask>>(
      m,
      "Mask",
      "The image region of a person: a smooth signed distance to its outline, and points of the outline.")
      .def(py::init(&MakeMask),
           Doc(R"(Args:
               person: (height, width), True on the person.

           Raises:
               ValueError: no pixel of a person.
           )"),
           py::arg("person"))
      .def_property_readonly("width", &Mask::width, "Pixels.")
      .def_property_readonly("height", &Mask::height, "Pixels.")
      .def_property_readonly(
          "contour",
          [](const Mask& mask) {
            return ToArray(mask.contour(), {mask.contour().rows(), 2});
          },
          "(C, 2) pixels, spread evenly along the outline, C <= 300, none on the border of the image.")
      .def_property_readonly(
          "normals",
          [](const Mask& mask) {
            return ToArray(mask.normals(), {mask.normals().rows(), 2});
          },
          "(C, 2) unit normals of the outline, away from the person.")
      .def(
          "signed_distance",
          &SignedDistances,
          Doc(R"((n,) signed distances to the outline at (n, 2) pixels, > 0 outside and not below about -8, and (n, 2)
           their derivatives; beyond the border of the image as at the nearest point in it.
           )"),
          py::arg("pixels"));
}

void BindOutline(py::module_& m) {
  m.def("outline",
        &Outline,
        Doc(R"(The outline of a posed body in an image.

           Returns:
               (n, 2) vertices of its edges, and (n, 2) outward unit normals in the image. Empty unless the body
               is entirely in front of the camera.
           )"),
        py::arg("model"),
        py::arg("camera"),
        py::arg("variables"));
  m.def("spread_points",
        &Spread,
        "The points of `SilhouetteInsideOptions`: (n, 2) vertices and (n,) fractions of the second.",
        py::arg("model"),
        py::arg("camera"),
        py::arg("variables"),
        py::kw_only(),
        py::arg("count"));
  m.def("match_contour",
        &Matches,
        Doc(R"(The matches of `SilhouetteContourOptions`.

           Args:
               unit: residual units per pixel, > 0.

           Returns:
               (n,) indices of points of the outline of the mask, (n, 2) vertices of an edge, and (n,) fractions
               of the second vertex.

           Raises:
               ValueError: options out of range.
           )"),
        py::arg("model"),
        py::arg("camera"),
        py::arg("variables"),
        py::arg("mask"),
        py::arg("options"),
        py::kw_only(),
        py::arg("unit"));
}

}  // namespace smplceres::bindings
