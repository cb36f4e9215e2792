#include "smplceres/math/distance_transform.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace smplceres {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Rows to the nearest pixel of the set in the same column.
DistanceImage AlongColumns(const Pixels& set) {
  DistanceImage rows(set.rows(), set.cols());
  constexpr float kNone = std::numeric_limits<float>::infinity();
  for (Eigen::Index y = 0; y < set.rows(); ++y)
    for (Eigen::Index x = 0; x < set.cols(); ++x)
      rows(y, x) = set(y, x) ? 0.0f : (y > 0 ? rows(y - 1, x) + 1.0f : kNone);
  for (Eigen::Index y = set.rows() - 2; y >= 0; --y)
    for (Eigen::Index x = 0; x < set.cols(); ++x) rows(y, x) = std::min(rows(y, x), rows(y + 1, x) + 1.0f);
  return rows;
}

// Parabolas (x - q)^2 + f_q of a row, those that are lowest somewhere, from left to right.
struct Envelope {
  std::vector<double> q, height, begin;

  void Make(const DistanceImage& rows, Eigen::Index y) {
    q.clear(), height.clear(), begin.clear();
    for (Eigen::Index x = 0; x < rows.cols(); ++x) {
      if (!std::isfinite(rows(y, x))) continue;
      const double at = static_cast<double>(x), f = static_cast<double>(rows(y, x)) * rows(y, x);
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
  Envelope envelope;
  for (Eigen::Index y = 0; y < set.rows(); ++y) {
    envelope.Make(distance, y);
    if (envelope.q.empty()) continue;
    size_t k = 0;
    for (Eigen::Index x = 0; x < set.cols(); ++x) {
      const double at = static_cast<double>(x);
      while (k + 1 < envelope.q.size() && envelope.begin[k + 1] < at) ++k;
      const double apart = at - envelope.q[k];
      distance(y, x) = static_cast<float>(std::sqrt(apart * apart + envelope.height[k]));
    }
  }
  return distance;
}

}  // namespace smplceres
