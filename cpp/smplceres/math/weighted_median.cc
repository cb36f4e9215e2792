#include "smplceres/math/weighted_median.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace smplceres {

double WeightedMedian(const Eigen::VectorXd& values, const Eigen::VectorXd& weights) {
  std::vector<Eigen::Index> order(static_cast<size_t>(values.size()));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  double below = 0.0;
  for (const Eigen::Index i : order) {
    below += weights[i];
    if (below >= 0.5 * weights.sum()) return values[i];
  }
  return values[order.back()];
}

}  // namespace smplceres
