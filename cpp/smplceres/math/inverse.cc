#include "smplceres/math/inverse.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>

namespace smplceres {
namespace {

struct Scratch {
  Eigen::Matrix<double, Eigen::Dynamic, 3> U, W;  // A_RP, A_RP A_PP^-1
};

// Sweeps columns k to k + P - 1, P = 3 or 1. False if their block is not positive definite.
template <int P>
bool Sweep(Eigen::Index k, Scratch* scratch, Eigen::MatrixXd* matrix) {
  using Block = Eigen::Matrix<double, P, P>;
  Eigen::MatrixXd& A = *matrix;
  const Eigen::Index n = A.rows(), below = n - k - P;
  const Block pivots = A.block<P, P>(k, k).template selfadjointView<Eigen::Lower>();
  if (Eigen::LLT<Block>(pivots).info() != Eigen::Success) return false;
  const Block inverse = pivots.inverse();
  auto U = scratch->U.template leftCols<P>(), W = scratch->W.template leftCols<P>();
  U.topRows(k) = A.block(k, 0, P, k).transpose();
  U.template middleRows<P>(k) = pivots;
  U.bottomRows(below) = A.block(k + P, k, below, P);
  W.noalias() = U * inverse;
  for (Eigen::Index j = 0; j < n; ++j) {
    const Eigen::Index m = n - j;
    if constexpr (P == 3)
      A.col(j).tail(m).noalias() -=
          W.col(0).tail(m) * U(j, 0) + W.col(1).tail(m) * U(j, 1) + W.col(2).tail(m) * U(j, 2);
    else
      A.col(j).tail(m).noalias() -= W.col(0).tail(m) * U(j, 0);
  }
  A.block(k, 0, P, k) = W.topRows(k).transpose();
  A.block(k + P, k, below, P) = W.bottomRows(below);
  A.block<P, P>(k, k) = -inverse;
  return true;
}

}  // namespace

bool InvertLower(Eigen::MatrixXd* matrix) {
  const Eigen::Index n = matrix->rows(), rest = n - n % 3;
  Scratch scratch{{n, 3}, {n, 3}};
  for (Eigen::Index k = 0; k < rest; k += 3)
    if (!Sweep<3>(k, &scratch, matrix)) return false;
  for (Eigen::Index k = rest; k < n; ++k)
    if (!Sweep<1>(k, &scratch, matrix)) return false;
  *matrix = -*matrix;
  return true;
}

}  // namespace smplceres
