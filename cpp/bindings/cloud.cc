// Measured point clouds.
#include <pybind11/stl.h>

#include <optional>
#include <vector>

#include "arrays.h"
#include "smplceres/match/cloud_match.h"
#include "smplceres/objective/posed_vertices.h"

namespace smplceres::bindings {
namespace {

Cloud MakeCloud(const Array& points,
                const std::optional<Array>& normals,
                const Array& confidence,
                const std::optional<Array>& sensor,
                double sigma) {
  CheckShape("points", points, {kAny, 3});
  const py::ssize_t N = points.shape(0);
  CheckShape("confidence", confidence, {N});
  if (normals) CheckShape("normals", *normals, {N, 3});
  Cloud cloud;
  cloud.points = ToMatrix(points, N);
  cloud.normals = normals ? ToMatrix(*normals, N) : RowMatrix(0, 3);
  cloud.confidence = ToVector(confidence);
  if (sensor) cloud.sensor = ToFiniteVector("sensor", *sensor, 3);
  cloud.sigma = sigma;
  cloud.Check();
  return cloud;
}

// Indices of points and of vertices, (M,) each, and normals (M, 3).
py::tuple Matches(const BodyModel& model,
                  const Cloud& cloud,
                  const CloudOptions& options,
                  const Variables& variables) {
  Check(options);
  variables.Check(model, static_cast<size_t>(variables.log_zoom.size()));
  const std::vector<CloudMatch> matches = MatchCloud(model, cloud, options, PosedVertices(model, variables));
  const auto M = static_cast<py::ssize_t>(matches.size());
  Eigen::VectorXi points(M), vertices(M);
  RowMatrix normals(M, 3);
  for (py::ssize_t i = 0; i < M; ++i) {
    const CloudMatch& match = matches[static_cast<size_t>(i)];
    points[i] = match.point;
    vertices[i] = match.vertex;
    normals.row(i) = match.normal.transpose();
  }
  return py::make_tuple(ToArray(points, {M}), ToArray(vertices, {M}), ToArray(normals, {M, 3}));
}

}  // namespace

void BindCloud(py::module_& m) {
  py::class_<Cloud>(m, "Cloud")
      .def(py::init(&MakeCloud),
           py::kw_only(),
           py::arg("points"),
           py::arg("normals"),
           py::arg("confidence"),
           py::arg("sensor"),
           py::arg("sigma"));
  m.def(
      "match_cloud", &Matches, py::arg("model"), py::arg("cloud"), py::arg("options"), py::arg("variables"));
}

}  // namespace smplceres::bindings
