#include "smplceres/math/distance_transform.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace smplceres {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The number of rows from each pixel to the nearest pixel of the set in the same column.
DistanceImage AlongColumns(const Pixels& set) {
  DistanceImage rows(set.rows(), set.cols());
  if (set.size() == 0) return rows;
  constexpr float kNone = std::numeric_limits<float>::infinity();
  rows.row(0) = set.row(0).select(0.0f, DistanceImage::Constant(1, set.cols(), kNone));
  for (Eigen::Index y = 1; y < set.rows(); ++y) rows.row(y) = set.row(y).select(0.0f, rows.row(y - 1) + 1.0f);
  for (Eigen::Index y = set.rows() - 2; y >= 0; --y) rows.row(y) = rows.row(y).min(rows.row(y + 1) + 1.0f);
  return rows;
}

// The lower envelope of the parabolas (x - q)^2 + f_q of a row, from left to right.
struct Envelope {
  std::vector<double> q, height, begin;

  // rows: `size` distances along columns, f_q = rows[q]^2.
  void Make(const float* rows, Eigen::Index size) {
    q.clear(), height.clear(), begin.clear();
    for (Eigen::Index x = 0; x < size; ++x) {
      if (!std::isfinite(rows[x])) continue;
      // A pixel whose two neighbours are in the set too is the nearest pixel of no other.
      if (rows[x] == 0.0f && x > 0 && x + 1 < size && rows[x - 1] == 0.0f && rows[x + 1] == 0.0f) continue;
      const double at = static_cast<double>(x), f = static_cast<double>(rows[x]) * rows[x];
      double from = -kInfinity;
      while (!q.empty()) {
        from = (f + at * at - height.back() - q.back() * q.back()) / (2.0 * (at - q.back()));
        if (from > begin.back()) break;
        q.pop_back(), height.pop_back(), begin.pop_back();
        from = -kInfinity;
      }
      q.push_back(at), height.push_back(f), begin.push_back(from);
    }
  }
};

}  // namespace

DistanceImage DistanceTransform(const Pixels& set) {
  DistanceImage distance = AlongColumns(set);
  const Eigen::Index size = set.cols();
  Envelope envelope;
  for (Eigen::Index y = 0; y < set.rows(); ++y) {
    float* row = distance.data() + y * size;
    envelope.Make(row, size);
    // Squared distances are integers, which float holds exactly for images of up to 4096 pixels.
    Eigen::Index x = 0;
    for (size_t k = 0; k < envelope.q.size(); ++k) {
      const bool is_last = k + 1 == envelope.q.size();
      const Eigen::Index end =
          is_last ? size : std::min(size, static_cast<Eigen::Index>(std::floor(envelope.begin[k + 1])) + 1);
      const float q = static_cast<float>(envelope.q[k]), height = static_cast<float>(envelope.height[k]);
      for (; x < end; ++x) {
        const float apart = static_cast<float>(x) - q;
        row[x] = row[x] == 0.0f ? 0.0f : std::sqrt(apart * apart + height);
      }
    }
  }
  return distance;
}

}  // namespace smplceres
