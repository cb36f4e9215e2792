// Matrices whose rows are contiguous, as Ceres' Jacobians and NumPy's arrays are.
#pragma once

#include <Eigen/Core>

namespace smplceres {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowMatrixF = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowMatrixI = Eigen::Matrix<int, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace smplceres
