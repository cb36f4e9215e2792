#include "smplceres/math/kd_tree.h"

#include <algorithm>
#include <utility>

namespace smplceres {

KdTree::KdTree(Points points, std::vector<int> chosen)
    : points_(std::move(points)), order_(std::move(chosen)), axis_(order_.size(), 0) {
  Build(0, static_cast<int>(order_.size()));
}

void KdTree::Build(int begin, int end) {
  if (end - begin <= kLeaf) return;
  Eigen::RowVector3d min = points_.row(order_[static_cast<size_t>(begin)]), max = min;
  for (int i = begin + 1; i < end; ++i) {
    min = min.cwiseMin(points_.row(order_[static_cast<size_t>(i)]));
    max = max.cwiseMax(points_.row(order_[static_cast<size_t>(i)]));
  }
  int axis = 0;
  (max - min).maxCoeff(&axis);
  const int middle = Middle(begin, end);
  std::nth_element(order_.begin() + begin, order_.begin() + middle, order_.begin() + end, [&](int a, int b) {
    return points_(a, axis) != points_(b, axis) ? points_(a, axis) < points_(b, axis) : a < b;
  });
  axis_[static_cast<size_t>(middle)] = axis;
  Build(begin, middle);
  Build(middle + 1, end);
}

}  // namespace smplceres
