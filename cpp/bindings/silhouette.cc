// Masks and the outline of a posed body.
#include <pybind11/stl.h>

#include <cmath>
#include <memory>
#include <vector>

#include "arrays.h"
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

// Distances (n,) and their derivatives (n, 2) at pixels (n, 2).
py::tuple SignedDistances(const Mask& mask, const Array& pixels) {
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
  return py::make_tuple(ToArray(values, {uv.rows()}), ToArray(gradients, {uv.rows(), 2}));
}

std::vector<OutlineEdge> OutlineOf(const BodyModel& model, const Camera& camera, const Variables& variables) {
  variables.Check(model, 1);
  return SeenOutline(model, camera, std::exp(variables.log_zoom[0]), PosedVertices(model, variables));
}

// Vertices (n, 2) and the shares (n,) of the second.
py::tuple ToTuple(const std::vector<EdgePoint>& points) {
  const auto n = static_cast<py::ssize_t>(points.size());
  RowMatrixI vertices(n, 2);
  Eigen::VectorXd shares(n);
  for (py::ssize_t i = 0; i < n; ++i) {
    const EdgePoint& point = points[static_cast<size_t>(i)];
    vertices.row(i) << point.a, point.b;
    shares[i] = point.share;
  }
  return py::make_tuple(ToArray(vertices, {n, 2}), ToArray(shares, {n}));
}

// Vertices (n, 2) of the edges and their normals (n, 2) in the image.
py::tuple Outline(const BodyModel& model, const Camera& camera, const Variables& variables) {
  const std::vector<OutlineEdge> edges = OutlineOf(model, camera, variables);
  const auto n = static_cast<py::ssize_t>(edges.size());
  RowMatrixI vertices(n, 2);
  RowMatrix normals(n, 2);
  for (py::ssize_t i = 0; i < n; ++i) {
    const OutlineEdge& edge = edges[static_cast<size_t>(i)];
    vertices.row(i) << edge.a, edge.b;
    normals.row(i) = edge.normal;
  }
  return py::make_tuple(ToArray(vertices, {n, 2}), ToArray(normals, {n, 2}));
}

py::tuple Spread(const BodyModel& model, const Camera& camera, const Variables& variables, int count) {
  return ToTuple(SpreadPoints(model, OutlineOf(model, camera, variables), count));
}

py::tuple Matches(const BodyModel& model,
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
  const py::tuple places = ToTuple(points);
  return py::make_tuple(ToArray(matched, {matched.size()}), places[0], places[1]);
}

}  // namespace

void BindMask(py::module_& m) {
  py::class_<Mask, std::shared_ptr<Mask>>(m, "Mask")
      .def(py::init(&MakeMask), py::arg("person"))
      .def_property_readonly("width", &Mask::width)
      .def_property_readonly("height", &Mask::height)
      .def_property_readonly("contour",
                             [](const Mask& mask) {
                               return ToArray(mask.contour(), {mask.contour().rows(), 2});
                             })
      .def_property_readonly("normals",
                             [](const Mask& mask) {
                               return ToArray(mask.normals(), {mask.normals().rows(), 2});
                             })
      .def("signed_distance", &SignedDistances, py::arg("pixels"));
}

void BindOutline(py::module_& m) {
  m.def("outline", &Outline, py::arg("model"), py::arg("camera"), py::arg("variables"));
  m.def("spread_points",
        &Spread,
        py::arg("model"),
        py::arg("camera"),
        py::arg("variables"),
        py::kw_only(),
        py::arg("count"));
  m.def("match_contour",
        &Matches,
        py::arg("model"),
        py::arg("camera"),
        py::arg("variables"),
        py::arg("mask"),
        py::arg("options"),
        py::kw_only(),
        py::arg("unit"));
}

}  // namespace smplceres::bindings
