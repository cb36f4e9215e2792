// The weighted median.
#pragma once

#include <Eigen/Core>

namespace smplceres {

// The smallest value such that the values up to it have at least half of all weight. values: at least one;
// weights: as many, >= 0.
double WeightedMedian(const Eigen::VectorXd& values, const Eigen::VectorXd& weights);

}  // namespace smplceres
