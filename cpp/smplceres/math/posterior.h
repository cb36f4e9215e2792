// A Gaussian given by a Gauss-Newton Hessian, and what it says of functions of its variables.
//
//   H = J^T diag(w) J,   covariance of x = H^-1,   of a function with Jacobian G:  G H^-1 G^T
//
// H may lack rank: then some directions n, H n = 0, are free. A function g^T x that changes along one has
// variance infinity and covariance 0 with everything; any other has g^T H^+ g, which does not depend on the
// choice of H^+ (g is in the row space of H).
//
//   S H S = L L^T                H of unit diagonal by the scales S = diag(H)^-1/2, by Cholesky
//   H^+   = B B^T                B = S L^-T; or B = S V l^-1/2 of the eigenvalues l > 1e-12 max l, which are
//                                found only where Cholesky says that rank is lacking; free: n = S v
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <cmath>
#include <limits>
#include <vector>

namespace smplceres {

class Posterior {
 public:
  // jacobian: rows x N; weights: one per row, >= 0.
  Posterior(const Eigen::MatrixXd& jacobian, const Eigen::VectorXd& weights) {
    const Eigen::MatrixXd weighted = weights.cwiseSqrt().asDiagonal() * jacobian;
    const Eigen::Index N = jacobian.cols();
    std::vector<Eigen::Index> told, untold;  // by any row; an untold variable needs no eigenvalues
    const Eigen::VectorXd size = weighted.colwise().norm();
    const double least = N > 0 ? kToldTolerance * size.maxCoeff() : 0.0;
    for (Eigen::Index i = 0; i < N; ++i) (size[i] > least ? told : untold).push_back(i);
    const Split split = SplitByRank(weighted(Eigen::all, told));
    root_.setZero(N, split.root.cols());
    root_(told, Eigen::all) = split.root;
    const Eigen::Index num_untold = static_cast<Eigen::Index>(untold.size());
    free_.setZero(N, num_untold + split.free.cols());
    for (Eigen::Index i = 0; i < num_untold; ++i) free_(untold[static_cast<size_t>(i)], i) = 1.0;
    free_(told, Eigen::lastN(split.free.cols())) = split.free;
  }

  // Covariance of d functions, from their Jacobian, d x N.
  Eigen::MatrixXd Covariance(const Eigen::MatrixXd& jacobian) const {
    const Eigen::MatrixXd roots = jacobian * root_;
    Eigen::MatrixXd covariance = roots * roots.transpose();
    if (free_.cols() == 0) return covariance;
    const Eigen::VectorXd along = (jacobian * free_).cwiseAbs().rowwise().maxCoeff();
    for (Eigen::Index i = 0; i < along.size(); ++i) {
      if (!(along[i] > kFreeTolerance * jacobian.row(i).norm())) continue;
      covariance.row(i).setZero();
      covariance.col(i).setZero();
      covariance(i, i) = std::numeric_limits<double>::infinity();
    }
    return covariance;
  }

  Eigen::Index size() const { return root_.rows(); }

 private:
  struct Split {
    Eigen::MatrixXd root, free;
  };

  // Of rows without a zero column.
  static Split SplitByRank(const Eigen::MatrixXd& rows) {
    Eigen::MatrixXd hessian = rows.transpose() * rows;
    const Eigen::Index N = hessian.rows();
    if (N == 0) return {hessian, hessian};
    const Eigen::VectorXd scale = hessian.diagonal().cwiseSqrt().cwiseInverse();
    hessian = scale.asDiagonal() * hessian * scale.asDiagonal();
    const Eigen::LLT<Eigen::MatrixXd> cholesky(hessian);
    if (cholesky.info() == Eigen::Success &&
        cholesky.matrixLLT().diagonal().minCoeff() > std::sqrt(kRankTolerance))
      return {scale.asDiagonal() * cholesky.matrixU().solve(Eigen::MatrixXd::Identity(N, N)),
              Eigen::MatrixXd(N, 0)};
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(hessian);
    const Eigen::VectorXd& values = eigen.eigenvalues();  // ascending
    const Eigen::Index unknown = (values.array() <= kRankTolerance * values[N - 1]).count();
    const Eigen::MatrixXd directions = scale.asDiagonal() * eigen.eigenvectors();
    return {
        directions.rightCols(N - unknown) * values.tail(N - unknown).cwiseSqrt().cwiseInverse().asDiagonal(),
        directions.leftCols(unknown).colwise().normalized()};
  }

  // Rounding leaves eigenvalues of about 1e-14 of the largest where there should be none, and directions
  // known to about 1e-7.
  static constexpr double kRankTolerance = 1e-12, kFreeTolerance = 1e-5;
  // Rounding of terms that a translation does not change leaves 1e-16 of the other columns.
  static constexpr double kToldTolerance = 1e-12;

  Eigen::MatrixXd root_;  // B, N x rank
  Eigen::MatrixXd free_;  // N x (N - rank), of unit length
};

}  // namespace smplceres
