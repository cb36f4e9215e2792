#include "smplceres/fit/sequence/cheapest_path.h"

#include <stdexcept>
#include <string>

namespace smplceres {
namespace {

// The index of the minimum, the first one of equal values.
int ArgMin(const Eigen::VectorXd& values) {
  int lowest = 0;
  for (int i = 1; i < values.size(); ++i)
    if (values[i] < values[lowest]) lowest = i;
  return lowest;
}

void CheckSize(const Eigen::MatrixXd& steps, size_t frame, Eigen::Index rows, Eigen::Index columns) {
  if (steps.rows() != rows || steps.cols() != columns)
    throw std::invalid_argument("steps: expected " + std::to_string(rows) + " x " + std::to_string(columns) +
                                " for frame " + std::to_string(frame) + ", got " +
                                std::to_string(steps.rows()) + " x " + std::to_string(steps.cols()));
}

}  // namespace

std::vector<int> CheapestPath(const std::vector<Eigen::VectorXd>& costs,
                              const std::function<Eigen::MatrixXd(size_t frame)>& steps) {
  for (size_t f = 0; f < costs.size(); ++f)
    if (costs[f].size() == 0)
      throw std::invalid_argument("costs: expected a candidate of every frame, got none of frame " +
                                  std::to_string(f));
  if (costs.empty()) return {};

  // For each candidate: the cost of the cheapest path to it, and that path's candidate of the frame before.
  Eigen::VectorXd cost = costs[0];
  std::vector<std::vector<int>> before;
  for (size_t f = 1; f < costs.size(); ++f) {
    const Eigen::MatrixXd to_here = steps(f);
    CheckSize(to_here, f, costs[f].size(), cost.size());
    Eigen::VectorXd next(costs[f].size());
    before.emplace_back();
    for (Eigen::Index c = 0; c < next.size(); ++c) {
      const Eigen::VectorXd total = to_here.row(c).transpose() + cost;
      before.back().push_back(ArgMin(total));
      next[c] = costs[f][c] + total[before.back().back()];
    }
    cost = next;
  }
  std::vector<int> path(costs.size());
  path.back() = ArgMin(cost);
  for (size_t f = costs.size() - 1; f > 0; --f) path[f - 1] = before[f - 1][static_cast<size_t>(path[f])];
  return path;
}

}  // namespace smplceres
