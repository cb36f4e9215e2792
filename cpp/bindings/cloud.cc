// Surfaces measured as points.
#include <pybind11/stl.h>

#include <optional>
#include <tuple>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/docs.h"
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

auto Matches(const BodyModel& model,
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
  return std::make_tuple(ToArray(points, {M}), ToArray(vertices, {M}), ToArray(normals, {M, 3}));
}

}  // namespace

void BindCloud(py::module_& m) {
  py::class_<Cloud>(m, "Cloud", "Points measured on the surface of a person.")
      .def(py::init(&MakeCloud),
           Doc(R"(Args:
               points: (N, 3) metres, world.
               normals: (N, 3) outward unit vectors, world; None: unknown.
               confidence: (N,) > 0.
               sensor: (3,) position of the sensor, world; None: the surface was measured from all sides.
               sigma: standard deviation along the normal at confidence 1, metres, > 0.

           Raises:
               ValueError: sizes that do not fit, no points, numbers out of range, NaN.
           )"),
           py::kw_only(),
           py::arg("points"),
           py::arg("normals"),
           py::arg("confidence"),
           py::arg("sensor"),
           py::arg("sigma"));
}

void BindCloudMatch(py::module_& m) {
  m.def("match_cloud",
        &Matches,
        Doc(R"(Matches of a point cloud to the vertices of a posed body.

           Returns:
               Indices of points (M,), ascending, of vertices (M,), and the outward unit normals of the body
               there (M, 3).

           Raises:
               ValueError: options out of range, variables of another body.
           )"),
        py::arg("model"),
        py::arg("cloud"),
        py::arg("options"),
        py::arg("variables"));
}

}  // namespace smplceres::bindings
