#include "smplceres/raster/mask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "smplceres/math/clamped_int.h"

namespace smplceres {
namespace {

using Vector2d = Eigen::Vector2d;

// Values and derivatives of the four pieces of a cubic B-spline at t in [0, 1].
struct Spline {
  explicit Spline(double t)
      : value{(1 - t) * (1 - t) * (1 - t) / 6,
              (3 * t * t * t - 6 * t * t + 4) / 6,
              (-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6,
              t * t * t / 6},
        slope{-(1 - t) * (1 - t) / 2, (3 * t * t - 4 * t) / 2, (-3 * t * t + 2 * t + 1) / 2, t * t / 2} {}
  std::array<double, 4> value, slope;
};

// A side between a pixel of the person and one that is not, directed so that the person is on its right (y
// down). It starts at corner (x, y) of the pixel grid, which is at (x - 1/2, y - 1/2) of the image.
struct Side {
  int x, y, direction;  // 0 to 3: right, down, left, up

  static constexpr int kStep[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
  Vector2d middle() const {
    return {x - 0.5 + 0.5 * kStep[direction][0], y - 0.5 + 0.5 * kStep[direction][1]};
  }
  Vector2d normal() const { return {1.0 * kStep[direction][1], -1.0 * kStep[direction][0]}; }
  // The pixels to its right and left.
  std::array<int, 2> right() const {
    return {x - (direction == 1 || direction == 2), y - (direction == 2 || direction == 3)};
  }
  std::array<int, 2> left() const {
    return {x - (direction == 2 || direction == 3), y - (direction == 0 || direction == 3)};
  }
};

class Outline {
 public:
  explicit Outline(const Pixels& person)
      : person_(person), traced_(Pixels::Constant(person.rows(), person.cols(), false)) {}

  // Closed contours along all outlines of the person, including sides on the image's border; each side once.
  std::vector<std::vector<Side>> TraceAll() {
    std::vector<std::vector<Side>> contours;
    for (int y = 0; y < person_.rows(); ++y)
      for (int x = 0; x < person_.cols(); ++x)
        if (const Side side{x, y, 0}; !traced_(y, x) && Is(side)) contours.push_back(Trace(side));
    return contours;
  }

  bool InImage(const std::array<int, 2>& pixel) const {
    return pixel[0] >= 0 && pixel[1] >= 0 && pixel[0] < person_.cols() && pixel[1] < person_.rows();
  }

 private:
  bool In(const std::array<int, 2>& pixel) const { return InImage(pixel) && person_(pixel[1], pixel[0]); }
  bool Is(const Side& side) const { return In(side.right()) && !In(side.left()); }

  // Every contour has a side that leads right, so marking those suffices. At a corner shared by two outlines
  // the contour stays at its pixel.
  std::vector<Side> Trace(const Side& first) {
    std::vector<Side> contour;
    Side side = first;
    do {
      contour.push_back(side);
      if (side.direction == 0) traced_(side.y, side.x) = true;
      const int x = side.x + Side::kStep[side.direction][0], y = side.y + Side::kStep[side.direction][1];
      for (const int turn : {1, 0, 3})
        if (const Side next{x, y, (side.direction + turn) % 4}; Is(next)) {
          side = next;
          break;
        }
    } while (side.x != first.x || side.y != first.y || side.direction != first.direction);
    return contour;
  }

  const Pixels& person_;
  Pixels traced_;
};

// A box of pixels, both ends inclusive.
struct Box {
  Eigen::Index left, top, right, bottom;
};

// The person's bounding box, grown by one pixel within the image.
Box BoxAround(const Pixels& person) {
  Eigen::Index left = person.cols(), right = 0, top = person.rows(), bottom = 0;
  for (Eigen::Index y = 0; y < person.rows(); ++y) {
    const bool* row = person.data() + y * person.cols();
    const bool* first = std::find(row, row + person.cols(), true);
    if (first == row + person.cols()) continue;
    const bool* last = row + person.cols() - 1;
    while (!*last) --last;
    left = std::min(left, static_cast<Eigen::Index>(first - row));
    right = std::max(right, static_cast<Eigen::Index>(last - row));
    top = std::min(top, y);
    bottom = y;
  }
  return {std::max<Eigen::Index>(left - 1, 0),
          std::max<Eigen::Index>(top - 1, 0),
          std::min(right + 1, person.cols() - 1),
          std::min(bottom + 1, person.rows() - 1)};
}

// Replaces the normals of a contour, from `begin` to the end, by means over the 2 kNear neighbours on the
// contour that are within kNear pixels. A single normal, from steps of whole pixels, is off by up to 35
// degrees.
void SmoothAlong(size_t begin, const std::vector<Vector2d>& places, std::vector<Vector2d>* normals) {
  constexpr int kNear = 4;
  const std::vector<Vector2d> single(normals->begin() + static_cast<std::ptrdiff_t>(begin), normals->end());
  const int size = static_cast<int>(single.size());
  for (int i = 0; i < size; ++i) {
    Vector2d sum = Vector2d::Zero();
    const size_t at = static_cast<size_t>(i);
    for (int k = -kNear; k <= kNear; ++k) {
      const size_t other = static_cast<size_t>(((i + k) % size + size) % size);
      const bool near = (places[begin + other] - places[begin + at]).norm() < kNear;
      if (near && single[other].dot(single[at]) > 0.0) sum += single[other];
    }
    (*normals)[begin + at] = sum.normalized();
  }
}

}  // namespace

Mask::Mask(const Pixels& person) {
  if (!person.any()) throw std::invalid_argument("mask: expected pixels of a person, got none");
  distance_ = DistanceTransform(person) - 0.5f;
  // Inside the person, the nearest pixel outside lies in the box, so the transform is limited to it.
  const Box box = BoxAround(person);
  const auto rows = Eigen::seq(box.top, box.bottom), columns = Eigen::seq(box.left, box.right);
  const Pixels within = person(rows, columns);
  const DistanceImage inside = DistanceTransform(!within);
  distance_(rows, columns) = within.select((0.5f - inside).max(-kMaxDepth), distance_(rows, columns));
  SampleContour(person);
}

Mask::Sample Mask::SignedDistance(double u, double v) const {
  if (std::isnan(u) || std::isnan(v)) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    return {nan, Vector2d::Constant(nan)};
  }
  const double x = std::clamp(u, -0.5, width() - 0.5), y = std::clamp(v, -0.5, height() - 0.5);
  const int left = ClampedInt(std::floor(x), -1, width()), top = ClampedInt(std::floor(y), -1, height());
  const Spline along_x(x - left), along_y(y - top);
  Sample sample{0.0, Vector2d::Zero()};
  for (int i = 0; i < 4; ++i) {
    const int row = std::clamp(top - 1 + i, 0, height() - 1);
    double value = 0.0, slope = 0.0;
    for (int j = 0; j < 4; ++j) {
      const double d = distance_(row, std::clamp(left - 1 + j, 0, width() - 1));
      value += along_x.value[static_cast<size_t>(j)] * d;
      slope += along_x.slope[static_cast<size_t>(j)] * d;
    }
    sample.value += along_y.value[static_cast<size_t>(i)] * value;
    sample.gradient.x() += along_y.value[static_cast<size_t>(i)] * slope;
    sample.gradient.y() += along_y.slope[static_cast<size_t>(i)] * value;
  }
  if (x != u) sample.gradient.x() = 0.0;
  if (y != v) sample.gradient.y() = 0.0;
  return sample;
}

void Mask::SampleContour(const Pixels& person) {
  constexpr double kMinGradient = 0.3;  // below, the place is on a ridge between two outlines
  Outline outline(person);
  std::vector<Vector2d> places, normals;
  std::vector<double> lengths;  // from each place to the next
  double length = 0.0;
  for (const std::vector<Side>& contour : outline.TraceAll()) {
    const size_t begin = places.size();
    for (const Side& side : contour) {
      if (!outline.InImage(side.left())) continue;
      Vector2d place = side.middle(), normal = side.normal();
      for (int step = 0; step < 2; ++step) {
        const Sample at = SignedDistance(place.x(), place.y());
        const double slope = at.gradient.norm();
        if (slope < kMinGradient) break;
        normal = at.gradient / slope;
        place -= std::clamp(at.value / slope, -0.5, 0.5) * normal;
      }
      places.push_back(place);
      normals.push_back(normal);
    }
    SmoothAlong(begin, places, &normals);
    for (size_t i = begin; i < places.size(); ++i) {
      const Vector2d& next = places[i + 1 < places.size() ? i + 1 : begin];
      const double apart = (next - places[i]).norm();
      lengths.push_back(apart < 2.0 ? apart : 0.0);  // farther apart, the image's border is between them
      length += lengths.back();
    }
  }

  const double spacing = std::max(1.0, length / kContourPoints);
  std::vector<size_t> chosen;
  double since = 0.5 * spacing;
  for (size_t i = 0; i < places.size() && chosen.size() < kContourPoints; ++i) {
    if (since >= spacing) {
      chosen.push_back(i);
      since -= spacing;
    }
    since += lengths[i];
  }
  contour_.resize(static_cast<Eigen::Index>(chosen.size()), 2);
  normals_.resize(contour_.rows(), 2);
  for (size_t i = 0; i < chosen.size(); ++i) {
    contour_.row(static_cast<Eigen::Index>(i)) = places[chosen[i]];
    normals_.row(static_cast<Eigen::Index>(i)) = normals[chosen[i]];
  }
}

}  // namespace smplceres
