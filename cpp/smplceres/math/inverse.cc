#include "smplceres/math/inverse.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>

namespace smplceres {

bool InvertLower(Eigen::MatrixXd* matrix) {
  Eigen::MatrixXd& A = *matrix;
  const Eigen::Index n = A.rows();
  Eigen::Matrix<double, Eigen::Dynamic, 3> U(n, 3), W(n, 3);  // A_RP, A_RP A_PP^-1
  for (Eigen::Index k = 0; k < n; k += 3) {
    const Eigen::Index below = n - k - 3;
    const Eigen::Matrix3d pivots = A.block<3, 3>(k, k).selfadjointView<Eigen::Lower>();
    if (Eigen::LLT<Eigen::Matrix3d>(pivots).info() != Eigen::Success) return false;
    const Eigen::Matrix3d inverse = pivots.inverse();
    U.topRows(k) = A.block(k, 0, 3, k).transpose();
    U.middleRows<3>(k) = pivots;
    U.bottomRows(below) = A.block(k + 3, k, below, 3);
    W.noalias() = U * inverse;
    for (Eigen::Index j = 0; j < n; ++j) {
      const Eigen::Index m = n - j;
      A.col(j).tail(m).noalias() -=
          W.col(0).tail(m) * U(j, 0) + W.col(1).tail(m) * U(j, 1) + W.col(2).tail(m) * U(j, 2);
    }
    A.block(k, 0, 3, k) = W.topRows(k).transpose();
    A.block(k + 3, k, below, 3) = W.bottomRows(below);
    A.block<3, 3>(k, k) = -inverse;
  }
  A = -A;
  return true;
}

}  // namespace smplceres
