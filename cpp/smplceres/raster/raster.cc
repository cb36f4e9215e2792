#include "smplceres/raster/raster.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "smplceres/math/clamped_int.h"

namespace smplceres {
namespace {

using Vector2d = Eigen::Vector2d;

void CheckWindow(const Window& window) {
  if (window.width < 1 || window.height < 1 || 1.0 * window.width * window.height > 1e9 ||
      !(window.pixel > 0.0))
    throw std::invalid_argument("window: expected 1 to 1e9 pixels of a size > 0, got " +
                                std::to_string(window.width) + " x " + std::to_string(window.height) +
                                " of " + std::to_string(window.pixel));
}

// Twice the signed area of the triangle a, b, p.
double Area(const Vector2d& a, const Vector2d& b, const Vector2d& p) {
  return (b.x() - a.x()) * (p.y() - a.y()) - (b.y() - a.y()) * (p.x() - a.x());
}

// The pixels, along one axis, between two coordinates of the raster.
struct Range {
  Range(double low, double high, int size)
      : first(ClampedInt(std::ceil(low), 0, size)), last(ClampedInt(std::floor(high), -1, size - 1)) {}
  int first, last;
};

// Calls visit(x, y, value) for the pixels of one face. value: linear in the image, given at the corners; 1 /
// z or -z, larger for nearer points.
template <typename Visit>
void ForEachPixel(const Vector2d (&corner)[3], const double (&value)[3], const Window& window, Visit visit) {
  const double area = Area(corner[0], corner[1], corner[2]);
  if (!(std::abs(area) > 0.0) || !std::isfinite(area)) return;
  const auto [low_x, high_x] = std::minmax({corner[0].x(), corner[1].x(), corner[2].x()});
  const auto [low_y, high_y] = std::minmax({corner[0].y(), corner[1].y(), corner[2].y()});
  const Range columns(low_x, high_x, window.width), rows(low_y, high_y, window.height);
  for (int y = rows.first; y <= rows.last; ++y)
    for (int x = columns.first; x <= columns.last; ++x) {
      const Vector2d p(x, y);
      const double b0 = Area(corner[1], corner[2], p) / area;
      const double b1 = Area(corner[2], corner[0], p) / area;
      const double b2 = Area(corner[0], corner[1], p) / area;
      if (b0 >= 0.0 && b1 >= 0.0 && b2 >= 0.0) visit(x, y, b0 * value[0] + b1 * value[1] + b2 * value[2]);
    }
}

}  // namespace

Projected Project(const Camera& camera, double zoom, const RowMatrix& points) {
  Projected projected{RowMatrix(points.rows(), 2), Eigen::VectorXd(points.rows())};
  std::visit(
      [&](const auto& c) {
        for (Eigen::Index i = 0; i < points.rows(); ++i) {
          const double* point = points.data() + 3 * i;
          if (!c.Project(point, zoom, projected.uv.data() + 2 * i))
            projected.uv.row(i).setConstant(std::numeric_limits<double>::quiet_NaN());
          projected.depth[i] = c.cam_from_world(point).z();
        }
      },
      camera);
  return projected;
}

Raster Rasterise(const Camera& camera,
                 const Projected& vertices,
                 const RowMatrixI& faces,
                 const Window& window) {
  CheckWindow(window);
  const bool pinhole = std::holds_alternative<Pinhole>(camera);
  const size_t size = static_cast<size_t>(window.width) * static_cast<size_t>(window.height);
  Raster raster{window,
                std::vector<int>(size, Raster::kNoFace),
                std::vector<double>(size, std::numeric_limits<double>::infinity())};
  for (Eigen::Index f = 0; f < faces.rows(); ++f) {
    Vector2d corner[3];
    double value[3];
    for (int i = 0; i < 3; ++i) {
      const int v = faces(f, i);
      const double z = vertices.depth[v];
      corner[i] = (vertices.uv.row(v).transpose() - Vector2d(window.left, window.top)) / window.pixel;
      value[i] = pinhole ? 1.0 / z : -z;
    }
    ForEachPixel(corner, value, window, [&](int x, int y, double nearness) {
      const double z = pinhole ? 1.0 / nearness : -nearness;
      const size_t pixel = raster.at(x, y);
      if (!(z < raster.depth[pixel])) return;
      raster.depth[pixel] = z;
      raster.face[pixel] = static_cast<int>(f);
    });
  }
  return raster;
}

std::optional<Window> WindowAround(const RowMatrix& uv, int size) {
  const double infinity = std::numeric_limits<double>::infinity();
  Eigen::RowVector2d min(infinity, infinity), max(-infinity, -infinity);
  for (Eigen::Index i = 0; i < uv.rows(); ++i) {
    if (!uv.row(i).allFinite()) continue;
    min = min.cwiseMin(uv.row(i));
    max = max.cwiseMax(uv.row(i));
  }
  const Eigen::RowVector2d extent = max - min;
  if (!(extent.maxCoeff() > 0.0) || !extent.allFinite()) return std::nullopt;
  const double pixel = extent.maxCoeff() / (size - 1);
  const auto pixels = [&](int axis) { return ClampedInt(extent[axis] / pixel, 0, size - 1) + 1; };
  return Window{min.x(), min.y(), pixel, pixels(0), pixels(1)};
}

std::vector<char> CoveredPixels(const RowMatrix& uv, const RowMatrixI& faces, const Window& window) {
  CheckWindow(window);
  const size_t width = static_cast<size_t>(window.width);
  std::vector<char> covered(width * static_cast<size_t>(window.height), 0);
  RowMatrix places = (uv.rowwise() - Eigen::RowVector2d(window.left, window.top)) / window.pixel;
  for (Eigen::Index f = 0; f < faces.rows(); ++f) {
    const Vector2d a = places.row(faces(f, 0)), b = places.row(faces(f, 1)), c = places.row(faces(f, 2));
    if (!(Area(a, b, c) < 0.0)) continue;
    const auto [low_x, high_x] = std::minmax({a.x(), b.x(), c.x()});
    const auto [low_y, high_y] = std::minmax({a.y(), b.y(), c.y()});
    const Range columns(low_x, high_x, window.width), rows(low_y, high_y, window.height);
    for (int y = rows.first; y <= rows.last; ++y) {
      char* row = covered.data() + static_cast<size_t>(y) * width;
      for (int x = columns.first; x <= columns.last; ++x) {
        const Vector2d p(x, y);
        if (Area(a, b, p) <= 0.0 && Area(b, c, p) <= 0.0 && Area(c, a, p) <= 0.0) row[x] = 1;
      }
    }
  }
  return covered;
}

}  // namespace smplceres
