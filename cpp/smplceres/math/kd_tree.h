// Nearest-neighbour search in 3D by a k-d tree, which splits each box at the median of its longest side.
#pragma once

#include <Eigen/Core>
#include <vector>

namespace smplceres {

class KdTree {
 public:
  using Points = Eigen::Matrix<double, Eigen::Dynamic, 3, Eigen::RowMajor>;

  // Searches the rows `chosen` of `points`.
  KdTree(Points points, std::vector<int> chosen);

  static constexpr int kNone = -1;

  // The nearest row within `radius` for which accept(row) is true, or kNone. Ties are broken
  // deterministically.
  template <typename Accept>
  int Nearest(const Eigen::Vector3d& point, double radius, Accept accept) const {
    Best best{kNone, radius * radius};
    Search(0, static_cast<int>(order_.size()), point, accept, &best);
    return best.row;
  }

 private:
  static constexpr int kLeaf = 8;  // maximum number of points of a leaf, which are searched linearly

  struct Best {
    int row;
    double squared;
  };

  static int Middle(int begin, int end) { return begin + (end - begin) / 2; }

  void Build(int begin, int end);

  template <typename Accept>
  void Compare(int row, const Eigen::Vector3d& point, Accept& accept, Best* best) const {
    const double squared = (points_.row(row).transpose() - point).squaredNorm();
    if (squared < best->squared && accept(row)) *best = {row, squared};
  }

  template <typename Accept>
  void Search(int begin, int end, const Eigen::Vector3d& point, Accept& accept, Best* best) const {
    if (end - begin <= kLeaf) {
      for (int i = begin; i < end; ++i) Compare(order_[static_cast<size_t>(i)], point, accept, best);
      return;
    }
    const int middle = Middle(begin, end);
    const int row = order_[static_cast<size_t>(middle)];
    const int axis = axis_[static_cast<size_t>(middle)];
    const double across = point[axis] - points_(row, axis);
    if (across < 0.0) {
      Search(begin, middle, point, accept, best);
    } else {
      Search(middle + 1, end, point, accept, best);
    }
    if (!(across * across < best->squared)) return;
    Compare(row, point, accept, best);
    if (across < 0.0) {
      Search(middle + 1, end, point, accept, best);
    } else {
      Search(begin, middle, point, accept, best);
    }
  }

  Points points_;
  std::vector<int> order_;  // rows; the middle row of a range splits it
  std::vector<int> axis_;   // split axis of each middle row
};

}  // namespace smplceres
