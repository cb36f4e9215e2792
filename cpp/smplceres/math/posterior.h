// A Gaussian posterior given by its Gauss-Newton Hessian, and the covariance of functions of its variables.
//
//   H = J^T diag(w) J,   covariance of x = H^-1,   of a function with Jacobian G:  G H^-1 G^T
//
// H may be rank deficient: then directions n with H n = 0 are unconstrained. A function g^T x that changes
// along one of them has infinite variance and zero covariance with everything; any other has the variance
// g^T H^+ g, which does not depend on the choice of H^+ (g is in the row space of H).
//
//   S H S = L L^T                H of unit diagonal by the scales S = diag(H)^-1/2, by Cholesky
//   H^+   = B B^T                B = S L^-T; if Cholesky finds H rank deficient, B = S V l^-1/2 from the
//                                eigenvalues l > 1e-12 max l, and the others give the directions n = S v
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
    // Variables whose columns are zero are unconstrained without an eigendecomposition.
    std::vector<Eigen::Index> constrained, unconstrained;
    const Eigen::VectorXd size = weighted.colwise().norm();
    const double min_size = N > 0 ? kZeroColumnTolerance * size.maxCoeff() : 0.0;
    for (Eigen::Index i = 0; i < N; ++i) (size[i] > min_size ? constrained : unconstrained).push_back(i);
    const Split split = SplitByRank(weighted(Eigen::all, constrained));
    root_.setZero(N, split.root.cols());
    root_(constrained, Eigen::all) = split.root;
    const Eigen::Index num_unconstrained = static_cast<Eigen::Index>(unconstrained.size());
    free_.setZero(N, num_unconstrained + split.free.cols());
    for (Eigen::Index i = 0; i < num_unconstrained; ++i)
      free_(unconstrained[static_cast<size_t>(i)], i) = 1.0;
    free_(constrained, Eigen::lastN(split.free.cols())) = split.free;
  }

  // d x d covariance of d functions; jacobian: d x N.
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

  // rows: no column is zero.
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
    const Eigen::Index num_free = (values.array() <= kRankTolerance * values[N - 1]).count();
    const Eigen::MatrixXd directions = scale.asDiagonal() * eigen.eigenvectors();
    return {directions.rightCols(N - num_free) *
                values.tail(N - num_free).cwiseSqrt().cwiseInverse().asDiagonal(),
            directions.leftCols(num_free).colwise().normalized()};
  }

  // Rounding turns zero eigenvalues into about 1e-14 of the largest, and moves directions by about 1e-7.
  static constexpr double kRankTolerance = 1e-12, kFreeTolerance = 1e-5;
  // Rounding turns zero columns (such as translation's, for terms invariant to it) into 1e-16 of the others.
  static constexpr double kZeroColumnTolerance = 1e-12;

  Eigen::MatrixXd root_;  // B, N x rank
  Eigen::MatrixXd free_;  // unconstrained directions n, N x (N - rank), unit columns
};

}  // namespace smplceres
