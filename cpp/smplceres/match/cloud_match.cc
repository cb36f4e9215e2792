#include "smplceres/match/cloud_match.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <utility>

#include "smplceres/body/vertex_normals.h"
#include "smplceres/camera/pinhole.h"
#include "smplceres/math/kd_tree.h"
#include "smplceres/math/pi.h"
#include "smplceres/raster/raster.h"

namespace smplceres {
namespace {

// Pixels along the longer side of the z-buffer. For a body 2 m tall a pixel is 8 mm, about an edge of its
// mesh.
constexpr int kRasterSize = 256;

// Candidates per match. Some of them turn out to be beyond the gate.
constexpr Eigen::Index kCandidates = 4;

// A camera of focal length 1 at `sensor` that looks at the middle of the vertices.
Pinhole LookingAt(const RowMatrix& vertices, const Eigen::Vector3d& sensor) {
  Pinhole camera;
  camera.fx = camera.fy = 1.0;
  const Eigen::Vector3d middle =
      0.5 * (vertices.colwise().minCoeff() + vertices.colwise().maxCoeff()).transpose();
  const Eigen::Vector3d ahead = middle - sensor;
  camera.cam_from_world.rotation =
      Eigen::Quaterniond::FromTwoVectors(ahead, Eigen::Vector3d::UnitZ()).toRotationMatrix();
  camera.cam_from_world.translation = -camera.cam_from_world.rotation * sensor;
  return camera;
}

// Vertices that have a normal and are visible to the sensor, ascending.
std::vector<int> VisibleVertices(const BodyModel& model,
                                 const Cloud& cloud,
                                 const RowMatrix& vertices,
                                 const RowMatrix& normals) {
  std::vector<bool> visible(static_cast<size_t>(vertices.rows()), !cloud.sensor);
  if (cloud.sensor) {
    const Camera camera = LookingAt(vertices, *cloud.sensor);
    const Projected projected = Project(camera, 1.0, vertices);
    if (const std::optional<Window> window = WindowAround(projected.uv, kRasterSize)) {
      const Raster raster = Rasterise(camera, projected, model.faces(), *window);
      for (const int face : raster.face)
        if (face != Raster::kNoFace)
          for (int i = 0; i < 3; ++i) visible[static_cast<size_t>(model.faces()(face, i))] = true;
    }
  }
  std::vector<int> numbers;
  for (int v = 0; v < static_cast<int>(vertices.rows()); ++v) {
    if (!visible[static_cast<size_t>(v)] || normals.row(v).isZero(0.0)) continue;
    if (cloud.sensor && !(normals.row(v).dot(cloud.sensor->transpose() - vertices.row(v)) > 0.0)) continue;
    numbers.push_back(v);
  }
  return numbers;
}

// Points of the cloud in the vertices' bounding box, grown by the gate.
std::vector<int> PointsNear(const Cloud& cloud,
                            const RowMatrix& vertices,
                            const std::vector<int>& chosen,
                            double gate) {
  Eigen::RowVector3d min = vertices.row(chosen.front()), max = min;
  for (const int v : chosen) {
    min = min.cwiseMin(vertices.row(v));
    max = max.cwiseMax(vertices.row(v));
  }
  std::vector<int> nearby;
  for (int i = 0; i < static_cast<int>(cloud.points.rows()); ++i) {
    const auto point = cloud.points.row(i).array();
    if ((point >= min.array() - gate).all() && (point <= max.array() + gate).all()) nearby.push_back(i);
  }
  return nearby;
}

// Keeps at most `count` values, spread evenly.
template <typename T>
void KeepEvenly(Eigen::Index count, std::vector<T>* values) {
  const auto size = static_cast<Eigen::Index>(values->size());
  if (size <= count) return;
  for (Eigen::Index i = 0; i < count; ++i)
    (*values)[static_cast<size_t>(i)] = (*values)[static_cast<size_t>(i * size / count)];
  values->erase(values->begin() + count, values->end());
}

}  // namespace

std::vector<CloudMatch> MatchCloud(const BodyModel& model,
                                   const Cloud& cloud,
                                   const CloudOptions& options,
                                   const RowMatrix& vertices) {
  std::vector<CloudMatch> matches;
  const RowMatrix normals = VertexNormals(vertices, model.faces());
  if (!vertices.allFinite()) return matches;
  std::vector<int> visible = VisibleVertices(model, cloud, vertices, normals);
  if (visible.empty()) return matches;
  std::vector<int> nearby = PointsNear(cloud, vertices, visible, options.gate);
  KeepEvenly(kCandidates * options.max_points, &nearby);

  const KdTree tree(vertices, std::move(visible));
  const double min_cosine = std::cos(std::min(options.max_turn, kPi));
  for (const int i : nearby) {
    const int vertex = tree.Nearest(cloud.points.row(i).transpose(), options.gate, [&](int v) {
      return cloud.normals.rows() == 0 || normals.row(v).dot(cloud.normals.row(i)) >= min_cosine;
    });
    if (vertex != KdTree::kNone) matches.push_back({i, vertex, normals.row(vertex).transpose()});
  }
  KeepEvenly(options.max_points, &matches);
  return matches;
}

}  // namespace smplceres
