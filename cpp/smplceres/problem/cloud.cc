#include "smplceres/problem/cloud.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "smplceres/camera/raster.h"
#include "smplceres/math/kd_tree.h"
#include "smplceres/problem/posed_vertices.h"

namespace smplceres {
namespace {

constexpr double kFarthest = 1e6;  // metres
constexpr double kMaxConfidence = 1e6;

// Pixels along the longer side of the z-buffer: of a body 2 m tall, 8 mm, about an edge of its mesh.
constexpr int kRasterSize = 256;

// So many points for each that will be matched are looked up: those beyond the gate are not known before.
constexpr Eigen::Index kLookedUp = 4;

// V x 3: means of the faces' normals by area; 0 of a vertex without a face.
RowMatrix VertexNormals(const RowMatrix& vertices, const RowMatrixI& faces) {
  RowMatrix normals = RowMatrix::Zero(vertices.rows(), 3);
  for (Eigen::Index f = 0; f < faces.rows(); ++f) {
    const Eigen::RowVector3d a = vertices.row(faces(f, 0));
    const Eigen::RowVector3d b = vertices.row(faces(f, 1)), c = vertices.row(faces(f, 2));
    const Eigen::RowVector3d normal = Eigen::RowVector3d(b - a).cross(Eigen::RowVector3d(c - a));
    for (int i = 0; i < 3; ++i) normals.row(faces(f, i)) += normal;
  }
  for (Eigen::Index v = 0; v < normals.rows(); ++v) {
    const double length = normals.row(v).norm();
    if (length > 0.0) normals.row(v) /= length;
  }
  return normals;
}

// A camera at `sensor` that looks at the middle of the vertices, with a focal length of one.
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

// The window that holds all that is projected; empty where nothing is.
std::optional<Window> WindowOf(const RowMatrix& uv) {
  const double infinity = std::numeric_limits<double>::infinity();
  Eigen::RowVector2d least(infinity, infinity), most(-infinity, -infinity);
  for (Eigen::Index i = 0; i < uv.rows(); ++i) {
    if (!uv.row(i).allFinite()) continue;
    least = least.cwiseMin(uv.row(i));
    most = most.cwiseMax(uv.row(i));
  }
  const Eigen::RowVector2d size = most - least;
  if (!(size.maxCoeff() > 0.0) || !size.allFinite()) return std::nullopt;
  const double pixel = size.maxCoeff() / (kRasterSize - 1);
  const auto pixels = [&](int axis) { return static_cast<int>(size[axis] / pixel) + 1; };
  return Window{least.x(), least.y(), pixel, pixels(0), pixels(1)};
}

// Vertices that have a normal and that the sensor sees, ascending.
std::vector<int> SeenVertices(const BodyModel& model,
                              const Cloud& cloud,
                              const RowMatrix& vertices,
                              const RowMatrix& normals) {
  std::vector<bool> seen(static_cast<size_t>(vertices.rows()), !cloud.sensor);
  if (cloud.sensor) {
    const Camera camera = LookingAt(vertices, *cloud.sensor);
    const Projected projected = Project(camera, 1.0, vertices);
    if (const std::optional<Window> window = WindowOf(projected.uv)) {
      const Raster raster = Rasterise(camera, projected, model.faces(), *window);
      for (const int face : raster.face)
        if (face != Raster::kNothing)
          for (int i = 0; i < 3; ++i) seen[static_cast<size_t>(model.faces()(face, i))] = true;
    }
  }
  std::vector<int> numbers;
  for (int v = 0; v < static_cast<int>(vertices.rows()); ++v) {
    if (!seen[static_cast<size_t>(v)] || normals.row(v).isZero(0.0)) continue;
    if (cloud.sensor && !(normals.row(v).dot(cloud.sensor->transpose() - vertices.row(v)) > 0.0)) continue;
    numbers.push_back(v);
  }
  return numbers;
}

// Points of the cloud in the box about the vertices, a gate wider on all sides.
std::vector<int> PointsAbout(const Cloud& cloud,
                             const RowMatrix& vertices,
                             const std::vector<int>& chosen,
                             double gate) {
  Eigen::RowVector3d least = vertices.row(chosen.front()), most = least;
  for (const int v : chosen) {
    least = least.cwiseMin(vertices.row(v));
    most = most.cwiseMax(vertices.row(v));
  }
  std::vector<int> about;
  for (int i = 0; i < static_cast<int>(cloud.points.rows()); ++i) {
    const auto point = cloud.points.row(i).array();
    if ((point >= least.array() - gate).all() && (point <= most.array() + gate).all()) about.push_back(i);
  }
  return about;
}

// At most `count` of them, spread evenly.
template <typename T>
void Thin(Eigen::Index count, std::vector<T>* values) {
  const auto size = static_cast<Eigen::Index>(values->size());
  if (size <= count) return;
  for (Eigen::Index i = 0; i < count; ++i)
    (*values)[static_cast<size_t>(i)] = (*values)[static_cast<size_t>(i * size / count)];
  values->erase(values->begin() + count, values->end());
}

}  // namespace

void Cloud::Check() const {
  const Eigen::Index N = points.rows();
  if (N < 1) throw std::invalid_argument("points: expected at least one of a cloud, got none");
  if (points.cols() != 3 || confidence.size() != N || (normals.rows() != 0 && normals.rows() != N))
    throw std::invalid_argument("points, normals, confidence: expected " + std::to_string(N) +
                                " of each, got " + std::to_string(normals.rows()) + " normals and " +
                                std::to_string(confidence.size()) + " confidences");
  if (!(points.array().abs() <= kFarthest).all())
    throw std::invalid_argument("points: expected metres within +-1e6, got others or NaN");
  if (!(confidence.array() > 0.0).all() || !(confidence.array() <= kMaxConfidence).all())
    throw std::invalid_argument("confidence: expected numbers over 0 to 1e6, got others or NaN");
  if (normals.rows() > 0 && !((normals.rowwise().norm().array() - 1.0).abs() <= 1e-6).all())
    throw std::invalid_argument("normals: expected vectors of length 1, got others or NaN");
  if (sensor && !sensor->allFinite())
    throw std::invalid_argument("sensor: expected a finite place, got NaN or infinity");
  CheckPositive("sigma", sigma);
}

std::vector<CloudMatch> MatchCloud(const BodyModel& model,
                                   const Cloud& cloud,
                                   const CloudOptions& options,
                                   const Variables& variables) {
  std::vector<CloudMatch> matches;
  const RowMatrix vertices = PosedVertices(model, variables);
  const RowMatrix normals = VertexNormals(vertices, model.faces());
  if (!vertices.allFinite()) return matches;
  std::vector<int> seen = SeenVertices(model, cloud, vertices, normals);
  if (seen.empty()) return matches;
  std::vector<int> about = PointsAbout(cloud, vertices, seen, options.gate);
  Thin(kLookedUp * options.max_points, &about);

  const KdTree tree(vertices, std::move(seen));
  const double least_cosine = std::cos(std::min(options.max_turn, M_PI));
  for (const int i : about) {
    const int vertex = tree.Nearest(cloud.points.row(i).transpose(), options.gate, [&](int v) {
      return cloud.normals.rows() == 0 || normals.row(v).dot(cloud.normals.row(i)) >= least_cosine;
    });
    if (vertex != KdTree::kNone) matches.push_back({i, vertex, normals.row(vertex).transpose()});
  }
  Thin(options.max_points, &matches);
  return matches;
}

}  // namespace smplceres
