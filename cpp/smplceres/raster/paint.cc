#include "smplceres/raster/paint.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <limits>

#include "smplceres/math/clamped_int.h"

namespace smplceres {
namespace {

using Vector3f = Eigen::Vector3f;

constexpr double kReach = 10.0;
constexpr int kBand = 32;       // rows painted together, whose samples fit in the cache
constexpr double kSeam = 1e-6;  // enlargement of faces, in samples, which closes the seams between them
constexpr int kNoFace = -1;

// The direction to the light: above, left of and behind the viewer.
const Eigen::Vector3d kLight = Eigen::Vector3d(-0.4, -0.6, -0.7).normalized();

// Coordinates in samples, of which there are two a pixel and axis; the first is 1/4 pixel before the centre
// of pixel 0.
double ToSamples(double pixel) { return 2.0 * pixel + 0.5; }

// Shaded colours of the vertices.
std::vector<Vector3f> Shades(const ProjectedMesh& mesh) {
  std::vector<Eigen::Vector3d> normals(static_cast<size_t>(mesh.points.rows()), Eigen::Vector3d::Zero());
  for (Eigen::Index f = 0; f < mesh.faces.rows(); ++f) {
    const auto corner = [&](int i) -> Eigen::Vector3d { return mesh.points.row(mesh.faces(f, i)); };
    const Eigen::Vector3d a = corner(0);
    const Eigen::Vector3d normal = (corner(1) - a).cross(corner(2) - a);
    for (int i = 0; i < 3; ++i) normals[static_cast<size_t>(mesh.faces(f, i))] += normal;
  }
  std::vector<Vector3f> shades;
  shades.reserve(normals.size());
  for (size_t v = 0; v < normals.size(); ++v) {
    const double length = normals[v].norm();
    const double cosine = length > 0.0 ? normals[v].dot(kLight) / length : 0.0;
    const double brightness = 0.45 + 0.35 * (1.0 + cosine) * (1.0 + cosine) / 2.0;
    shades.push_back((brightness * mesh.colours.row(static_cast<Eigen::Index>(v)).transpose()).cast<float>());
  }
  return shades;
}

// A function that is linear in the image, given at the corners of a face.
template <typename Value>
struct Plane {
  Value at, per_x, per_y;  // value at the first corner, slopes
};

// A visible face, with its corners in samples.
struct ProjectedFace {
  double x[3], y[3];
  int top, bottom;         // rows of samples
  Plane<double> nearness;  // 1 / z or -z
  Plane<Vector3f> colour;

  Vector3f ColourAt(double px, double py) const {
    return colour.at + static_cast<float>(px - x[0]) * colour.per_x +
           static_cast<float>(py - y[0]) * colour.per_y;
  }
};

template <typename Value, typename Scalar>
Plane<Value> PlaneThrough(const Value& a, const Value& b, const Value& c, const Scalar (&inverse)[4]) {
  const Value ab = b - a, ac = c - a;
  return {a, ab * inverse[0] + ac * inverse[1], ab * inverse[2] + ac * inverse[3]};
}

bool MakeFace(const ProjectedMesh& mesh,
              const std::vector<Vector3f>& shades,
              Eigen::Index f,
              const Image& image,
              ProjectedFace* face) {
  const double reach = kReach * std::max(image.width, image.height);
  double z[3];
  for (int i = 0; i < 3; ++i) {
    const int v = mesh.faces(f, i);
    const double px = mesh.uv(v, 0), py = mesh.uv(v, 1);
    if (!(std::abs(px) < reach && std::abs(py) < reach)) return false;  // NaN too
    face->x[i] = ToSamples(px);
    face->y[i] = ToSamples(py);
    z[i] = mesh.points(v, 2);
    if (!(mesh.perspective ? z[i] > 0.0 : std::isfinite(z[i]))) return false;
  }
  const double(&x)[3] = face->x, (&y)[3] = face->y;
  const double abx = x[1] - x[0], aby = y[1] - y[0], acx = x[2] - x[0], acy = y[2] - y[0];
  const double area = abx * acy - aby * acx;
  if (!(area < 0.0)) return false;  // counter-clockwise from outside is clockwise where y points down
  const auto [left, right] = std::minmax({x[0], x[1], x[2]});
  const auto [top, bottom] = std::minmax({y[0], y[1], y[2]});
  if (right < 0.0 || left > 2.0 * image.width || bottom < 0.0 || top > 2.0 * image.height) return false;
  face->top = ClampedInt(std::ceil(top - kSeam), 0, 2 * image.height);
  face->bottom = ClampedInt(std::floor(bottom + kSeam), -1, 2 * image.height - 1);
  const double inverse[4] = {acy / area, -aby / area, -acx / area, abx / area};
  const float inverse_f[4] = {static_cast<float>(inverse[0]),
                              static_cast<float>(inverse[1]),
                              static_cast<float>(inverse[2]),
                              static_cast<float>(inverse[3])};
  const auto nearness = [&](int i) { return mesh.perspective ? 1.0 / z[i] : -z[i]; };
  const auto shade = [&](int i) { return shades[static_cast<size_t>(mesh.faces(f, i))]; };
  face->nearness = PlaneThrough(nearness(0), nearness(1), nearness(2), inverse);
  face->colour = PlaneThrough(shade(0), shade(1), shade(2), inverse_f);
  return face->top <= face->bottom;
}

// The nearest face at each sample of one band of rows.
class Samples {
 public:
  Samples(int left, int width) : left_(left), width_(width) {
    const size_t size = static_cast<size_t>(width) * 2 * kBand;
    nearness_.resize(size);
    face_.resize(size);
  }

  void Clear(int top) {
    top_ = top;
    std::fill(nearness_.begin(), nearness_.end(), -std::numeric_limits<double>::infinity());
    std::fill(face_.begin(), face_.end(), kNoFace);
  }

  int At(int x, int y) const { return face_[Index(x, y)]; }

  void Add(const ProjectedFace& face, int number) {
    const int first = std::max(face.top, top_), last = std::min(face.bottom, top_ + 2 * kBand - 1);
    for (int y = first; y <= last; ++y) {
      double low = left_, high = left_ + width_ - 1;
      for (int i = 0; i < 3 && low <= high; ++i) {
        const int j = i == 2 ? 0 : i + 1;
        // The inside of an edge is slope x >= offset.
        const double slope = face.y[j] - face.y[i];
        const double offset = slope * face.x[i] + (y - face.y[i]) * (face.x[j] - face.x[i]);
        if (slope > 0.0) {
          low = std::max(low, offset / slope - kSeam);
        } else if (slope < 0.0) {
          high = std::min(high, offset / slope + kSeam);
        }
      }
      // An edge that is level but for rounding has its ends at 1e12: checked before they become integers.
      if (!(low <= high)) continue;
      const int right = left_ + width_ - 1;
      const int begin = ClampedInt(std::ceil(low), left_, right + 1);
      const int end = ClampedInt(std::floor(high), left_ - 1, right);
      const size_t row = Index(0, y);
      double nearness = face.nearness.at + (begin - face.x[0]) * face.nearness.per_x +
                        (y - face.y[0]) * face.nearness.per_y;
      for (int x = begin; x <= end; ++x, nearness += face.nearness.per_x) {
        const size_t at = row + static_cast<size_t>(x);
        if (nearness > nearness_[at]) {
          nearness_[at] = nearness;
          face_[at] = number;
        }
      }
    }
  }

 private:
  size_t Index(int x, int y) const {
    return static_cast<size_t>(y - top_) * static_cast<size_t>(width_) + static_cast<size_t>(x) -
           static_cast<size_t>(left_);
  }

  int left_, width_, top_ = 0;
  std::vector<double> nearness_;
  std::vector<int> face_;
};

std::uint8_t Mixed(std::uint8_t below, float above, float share) {
  const float value = static_cast<float>(below) + share * (above - static_cast<float>(below));
  return static_cast<std::uint8_t>(ClampedInt(value + 0.5f, 0, 255));
}

void Mix(const Vector3f& colour, float share, std::uint8_t* pixel) {
  for (int i = 0; i < 3; ++i) pixel[i] = Mixed(pixel[i], colour[i], share);
}

// Mixes the four samples of a pixel into it.
void Resolve(const Samples& samples,
             const std::vector<ProjectedFace>& faces,
             int x,
             int y,
             float opacity,
             std::uint8_t* pixel) {
  const int sx = 2 * x, sy = 2 * y;
  const int nearest[4] = {
      samples.At(sx, sy), samples.At(sx + 1, sy), samples.At(sx, sy + 1), samples.At(sx + 1, sy + 1)};
  if (nearest[0] == nearest[1] && nearest[0] == nearest[2] && nearest[0] == nearest[3]) {
    if (nearest[0] != kNoFace)
      Mix(faces[static_cast<size_t>(nearest[0])].ColourAt(sx + 0.5, sy + 0.5), opacity, pixel);
    return;
  }
  Vector3f sum = Vector3f::Zero();
  int covered = 0;
  for (int i = 0; i < 4; ++i) {
    if (nearest[i] == kNoFace) continue;
    sum += faces[static_cast<size_t>(nearest[i])].ColourAt(sx + i % 2, sy + i / 2);
    ++covered;
  }
  const float count = static_cast<float>(covered);
  if (covered > 0) Mix(sum / count, opacity * count / 4.0f, pixel);
}

}  // namespace

void PaintMesh(const ProjectedMesh& mesh, double opacity, const Image& image) {
  const std::vector<Vector3f> shades = Shades(mesh);
  const int num_bands = (image.height + kBand - 1) / kBand;
  std::vector<ProjectedFace> faces;
  std::vector<std::vector<int>> bands(static_cast<size_t>(num_bands));
  double left = 2.0 * image.width, right = -1.0;
  for (Eigen::Index f = 0; f < mesh.faces.rows(); ++f) {
    ProjectedFace face;
    if (!MakeFace(mesh, shades, f, image, &face)) continue;
    left = std::min({left, face.x[0], face.x[1], face.x[2]});
    right = std::max({right, face.x[0], face.x[1], face.x[2]});
    for (int band = face.top / (2 * kBand); band <= face.bottom / (2 * kBand); ++band)
      bands[static_cast<size_t>(band)].push_back(static_cast<int>(faces.size()));
    faces.push_back(face);
  }
  const int first = ClampedInt(std::floor(left / 2.0) - 1.0, 0, image.width);
  const int last = ClampedInt(std::ceil(right / 2.0) + 1.0, -1, image.width - 1);
  if (first > last) return;
  Samples samples(2 * first, 2 * (last - first + 1));
  for (int band = 0; band < num_bands; ++band) {
    const std::vector<int>& there = bands[static_cast<size_t>(band)];
    if (there.empty()) continue;
    samples.Clear(2 * kBand * band);
    for (const int number : there) samples.Add(faces[static_cast<size_t>(number)], number);
    for (int y = kBand * band; y < std::min(kBand * (band + 1), image.height); ++y) {
      std::uint8_t* row = image.rgb + 3 * static_cast<size_t>(y) * static_cast<size_t>(image.width);
      for (int x = first; x <= last; ++x)
        Resolve(samples, faces, x, y, static_cast<float>(opacity), row + 3 * x);
    }
  }
}

void PaintStrokes(const std::vector<Stroke>& strokes, const Image& image) {
  for (const Stroke& stroke : strokes) {
    const Eigen::Vector2d begin(stroke.begin[0], stroke.begin[1]), end(stroke.end[0], stroke.end[1]);
    const double outside = stroke.radius + stroke.half_width + 0.5;
    const Eigen::Vector2d along = end - begin;
    const double squared = along.squaredNorm();
    if (!std::isfinite(squared) || !std::isfinite(outside) || !begin.allFinite()) continue;
    const Vector3f colour(static_cast<float>(stroke.colour[0]),
                          static_cast<float>(stroke.colour[1]),
                          static_cast<float>(stroke.colour[2]));
    const auto clamped = [](double value, int size) { return ClampedInt(value, -1, size); };
    const int top = std::max(0, clamped(std::ceil(std::min(begin.y(), end.y()) - outside), image.height));
    const int bottom =
        std::min(image.height - 1, clamped(std::floor(std::max(begin.y(), end.y()) + outside), image.height));
    for (int y = top; y <= bottom; ++y) {
      // The part of the segment that can cover pixels of this row.
      double from = 0.0, to = 1.0;
      if (std::abs(along.y()) > 1e-9) {
        const double t0 = (y - outside - begin.y()) / along.y(), t1 = (y + outside - begin.y()) / along.y();
        from = std::clamp(std::min(t0, t1), 0.0, 1.0);
        to = std::clamp(std::max(t0, t1), 0.0, 1.0);
      }
      const double x0 = begin.x() + from * along.x(), x1 = begin.x() + to * along.x();
      const int left = std::max(0, clamped(std::ceil(std::min(x0, x1) - outside), image.width));
      const int right =
          std::min(image.width - 1, clamped(std::floor(std::max(x0, x1) + outside), image.width));
      std::uint8_t* row = image.rgb + 3 * static_cast<size_t>(y) * static_cast<size_t>(image.width);
      for (int x = left; x <= right; ++x) {
        const Eigen::Vector2d p = Eigen::Vector2d(x, y) - begin;
        const double t = squared > 0.0 ? std::clamp(p.dot(along) / squared, 0.0, 1.0) : 0.0;
        const double d = (p - t * along).norm();
        const double covered = std::clamp(0.5 + stroke.half_width - std::abs(d - stroke.radius), 0.0, 1.0);
        if (covered > 0.0) Mix(colour, static_cast<float>(covered * stroke.colour[3]), row + 3 * x);
      }
    }
  }
}

}  // namespace smplceres
