#include "smplceres/math/inverse.h"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <limits>

namespace smplceres {
namespace {

// Positive definite; NaN above the diagonal, which is not to be read.
Eigen::MatrixXd LowerOf(const Eigen::MatrixXd& matrix) {
  Eigen::MatrixXd lower = matrix;
  lower.triangularView<Eigen::StrictlyUpper>().setConstant(std::numeric_limits<double>::quiet_NaN());
  return lower;
}

TEST(InvertLower, IsTheInverseForEveryNumberOfRows) {
  for (const int n : {0, 1, 2, 3, 4, 5, 6, 7, 75, 86, 112}) {
    std::srand(static_cast<unsigned>(n));
    const Eigen::MatrixXd factor = Eigen::MatrixXd::Random(n, n + 3);
    const Eigen::MatrixXd matrix = factor * factor.transpose() + Eigen::MatrixXd::Identity(n, n);
    Eigen::MatrixXd inverse = LowerOf(matrix);
    ASSERT_TRUE(InvertLower(&inverse)) << n;
    const Eigen::MatrixXd whole = inverse.selfadjointView<Eigen::Lower>();
    EXPECT_LT((whole * matrix - Eigen::MatrixXd::Identity(n, n)).norm(), 1e-12 * (n + 1)) << n;
  }
}

TEST(InvertLower, IsFalseForWhatIsNotPositiveDefinite) {
  for (const int n : {1, 3, 4, 5})
    for (int column = 0; column < n; ++column) {
      Eigen::MatrixXd matrix = Eigen::MatrixXd::Identity(n, n);
      matrix(column, column) = -1.0;
      EXPECT_FALSE(InvertLower(&matrix)) << n << ", column " << column;
    }
}

}  // namespace
}  // namespace smplceres
