// The weighted median.
#pragma once

#include <Eigen/Core>

namespace smplceres {

// The smallest value v such that the values <= v hold at least half of the total weight. values: at least
// one; weights: as many, >= 0.
double WeightedMedian(const Eigen::VectorXd& values, const Eigen::VectorXd& weights);

}  // namespace smplceres
