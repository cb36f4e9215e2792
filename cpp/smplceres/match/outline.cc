#include "smplceres/match/outline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "smplceres/math/clamped_int.h"
#include "smplceres/math/pi.h"
#include "smplceres/raster/raster.h"

namespace smplceres {
namespace {

using Vector2d = Eigen::Vector2d;

// Pixels along the longer side of the raster. For a body 2 m tall a pixel is 4 mm.
constexpr int kRasterSize = 512;
// An edge belongs to the outline if the body does not cover the pixel at this distance outwards (pixels of
// the raster). It exceeds the rounding of faces to pixels.
constexpr double kOutside = 1.5;

bool IsFree(const std::vector<char>& covered, const Window& window, const Vector2d& uv) {
  const int x = ClampedInt(std::round((uv.x() - window.left) / window.pixel), -1, window.width);
  const int y = ClampedInt(std::round((uv.y() - window.top) / window.pixel), -1, window.height);
  if (x < 0 || y < 0 || x >= window.width || y >= window.height) return true;
  return !covered[static_cast<size_t>(y) * static_cast<size_t>(window.width) + static_cast<size_t>(x)];
}

// Sides that belong to exactly one face turned to the camera. Such faces have negative area, because faces
// are counter-clockwise seen from outside and y is down.
std::vector<FaceSide> RimOf(const BodyModel& model, const RowMatrix& uv) {
  std::vector<char> turned(static_cast<size_t>(model.faces().rows()));
  for (Eigen::Index f = 0; f < model.faces().rows(); ++f) {
    const auto a = uv.row(model.faces()(f, 0)), b = uv.row(model.faces()(f, 1)),
               c = uv.row(model.faces()(f, 2));
    turned[static_cast<size_t>(f)] =
        (b.x() - a.x()) * (c.y() - a.y()) - (b.y() - a.y()) * (c.x() - a.x()) < 0.0;
  }
  std::vector<FaceSide> rim;
  const std::vector<FaceSide>& sides = model.face_sides();
  for (size_t i = 0; i < sides.size();) {
    int count = 0;
    size_t of_turned = i, end = i;
    for (; end < sides.size() && sides[end].low == sides[i].low && sides[end].high == sides[i].high; ++end)
      if (turned[static_cast<size_t>(sides[end].face)]) {
        of_turned = end;
        ++count;
      }
    if (count == 1) rim.push_back(sides[of_turned]);
    i = end;
  }
  return rim;
}

std::optional<OutlineEdge> EdgeOf(const FaceSide& side, const RowMatrix& uv) {
  OutlineEdge edge{side.low, side.high, uv.row(side.low), uv.row(side.high), Vector2d::Zero()};
  const Vector2d along = edge.uv_b - edge.uv_a;
  const double length = along.norm();
  if (!(length > 0.0)) return std::nullopt;
  edge.normal = Vector2d(along.y(), -along.x()) / length;
  if (edge.normal.dot(uv.row(side.opposite).transpose() - edge.uv_a) > 0.0) edge.normal = -edge.normal;
  return edge;
}

}  // namespace

std::vector<OutlineEdge> VisibleOutline(const BodyModel& model,
                                        const Camera& camera,
                                        double zoom,
                                        const RowMatrix& vertices) {
  std::vector<OutlineEdge> outline;
  const Projected projected = Project(camera, zoom, vertices);
  if (model.faces().rows() == 0 || !projected.uv.allFinite()) return outline;
  const std::optional<Window> window = WindowAround(projected.uv, kRasterSize);
  if (!window) return outline;
  const std::vector<char> covered = CoveredPixels(projected.uv, model.faces(), *window);
  for (const FaceSide& side : RimOf(model, projected.uv))
    if (const std::optional<OutlineEdge> edge = EdgeOf(side, projected.uv))
      if (IsFree(covered, *window, 0.5 * (edge->uv_a + edge->uv_b) + kOutside * window->pixel * edge->normal))
        outline.push_back(*edge);
  return outline;
}

std::vector<EdgePoint> SpreadPoints(const BodyModel& model,
                                    const std::vector<OutlineEdge>& outline,
                                    int count) {
  std::vector<EdgePoint> points;
  double length = 0.0;
  for (const OutlineEdge& edge : outline) length += (edge.uv_b - edge.uv_a).norm();
  const int on_outline = outline.empty() ? 0 : count / 2;
  const double spacing = length / std::max(on_outline, 1);
  double next = 0.5 * spacing;  // distance from the edge's first vertex
  for (const OutlineEdge& edge : outline) {
    const double edge_length = (edge.uv_b - edge.uv_a).norm();
    for (; next < edge_length && static_cast<int>(points.size()) < on_outline; next += spacing)
      points.push_back({edge.a, edge.b, next / edge_length});
    next -= edge_length;
  }
  const int vertices = model.num_vertices(),
            others = std::min(count - static_cast<int>(points.size()), vertices);
  for (int i = 0; i < others; ++i) {
    const int vertex = static_cast<int>(static_cast<long long>(i) * vertices / others);
    points.push_back({vertex, vertex, 0.0});
  }
  return points;
}

std::vector<ContourMatch> MatchContour(const Mask& mask,
                                       const std::vector<OutlineEdge>& outline,
                                       const SilhouetteContourOptions& options,
                                       double unit) {
  const double min_cosine = std::cos(std::min(options.max_turn, kPi));
  const double gate = 3.0 * options.sigma / unit;
  std::vector<ContourMatch> matches;
  for (Eigen::Index i = 0; i < mask.contour().rows(); ++i) {
    const Vector2d place = mask.contour().row(i), normal = mask.normals().row(i);
    double nearest = gate * gate;
    std::optional<EdgePoint> point;
    for (const OutlineEdge& edge : outline) {
      if (edge.normal.dot(normal) < min_cosine) continue;
      const Vector2d along = edge.uv_b - edge.uv_a;
      const double share = std::clamp((place - edge.uv_a).dot(along) / along.squaredNorm(), 0.0, 1.0);
      const double apart = (edge.uv_a + share * along - place).squaredNorm();
      if (!(apart < nearest)) continue;
      nearest = apart;
      point = EdgePoint{edge.a, edge.b, share};
    }
    if (point) matches.push_back({static_cast<int>(i), *point});
  }
  return matches;
}

}  // namespace smplceres
