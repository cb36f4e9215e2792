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
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace smplceres {

class Posterior {
 public:
  // jacobian: rows x N; weights: one per row, >= 0.
  Posterior(const Eigen::MatrixXd& jacobian, const Eigen::VectorXd& weights) {
    const Eigen::MatrixXd weighted = weights.cwiseSqrt().asDiagonal() * jacobian;
    const Columns columns = Constrained(weighted.colwise().norm());
    const Eigen::MatrixXd rows = weighted(Eigen::all, columns.constrained);
    Set(columns, SplitByRank(rows.transpose() * rows));
  }
  // H, symmetric and positive semidefinite.
  explicit Posterior(const Eigen::MatrixXd& hessian) {
    const Columns columns = Constrained(hessian.diagonal().cwiseMax(0.0).cwiseSqrt());
    Set(columns,
        SplitByRank(columns.unconstrained.empty()
                        ? hessian
                        : Eigen::MatrixXd(hessian(columns.constrained, columns.constrained))));
  }

  // d x d covariance of d functions; jacobian: d x N.
  Eigen::MatrixXd Covariance(const Eigen::MatrixXd& jacobian) const {
    const Eigen::MatrixXd roots = Roots(jacobian);
    Eigen::MatrixXd covariance = roots * roots.transpose();
    SetInfinite(Unconstrained(jacobian), &covariance);
    return covariance;
  }
  // N x N covariance of the variables.
  Eigen::MatrixXd Covariance() const {
    Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(size(), size());
    if (root_.cols() > 0) covariance.selfadjointView<Eigen::Lower>().rankUpdate(root_);
    covariance.triangularView<Eigen::StrictlyUpper>() = covariance.transpose();
    SetInfinite(Unconstrained(Eigen::MatrixXd::Identity(size(), size())), &covariance);
    return covariance;
  }
  // The covariances of n groups of d functions, n d x d; jacobian: n d x N.
  Eigen::MatrixXd CovarianceBlocks(const Eigen::MatrixXd& jacobian, Eigen::Index d) const {
    const Eigen::MatrixXd roots = Roots(jacobian);
    const std::vector<bool> unconstrained = Unconstrained(jacobian);
    Eigen::MatrixXd blocks(jacobian.rows(), d);
    for (Eigen::Index begin = 0; begin < jacobian.rows(); begin += d) {
      const auto root = roots.middleRows(begin, d);
      Eigen::MatrixXd block = root * root.transpose();
      SetInfinite({unconstrained.begin() + begin, unconstrained.begin() + begin + d}, &block);
      blocks.middleRows(begin, d) = block;
    }
    return blocks;
  }

  Eigen::Index size() const { return root_.rows(); }

 private:
  // Variables whose columns are zero are unconstrained without an eigendecomposition.
  struct Columns {
    std::vector<Eigen::Index> constrained, unconstrained;
  };
  struct Split {
    Eigen::MatrixXd root, free;
    bool is_triangular = false;  // root: upper
  };

  // size: norms of the columns of diag(w)^1/2 J.
  static Columns Constrained(const Eigen::VectorXd& size) {
    Columns columns;
    const double min_size = size.size() > 0 ? kZeroColumnTolerance * size.maxCoeff() : 0.0;
    for (Eigen::Index i = 0; i < size.size(); ++i)
      (size[i] > min_size ? columns.constrained : columns.unconstrained).push_back(i);
    return columns;
  }

  void Set(const Columns& columns, const Split& split) {
    const auto num_unconstrained = static_cast<Eigen::Index>(columns.unconstrained.size());
    const Eigen::Index N = num_unconstrained + split.root.rows();
    root_.setZero(N, split.root.cols());
    root_(columns.constrained, Eigen::all) = split.root;
    free_.setZero(N, num_unconstrained + split.free.cols());
    for (Eigen::Index i = 0; i < num_unconstrained; ++i)
      free_(columns.unconstrained[static_cast<size_t>(i)], i) = 1.0;
    free_(columns.constrained, Eigen::lastN(split.free.cols())) = split.free;
    is_triangular_ = split.is_triangular && num_unconstrained == 0;
  }

  // Whether each function changes along an unconstrained direction.
  std::vector<bool> Unconstrained(const Eigen::MatrixXd& jacobian) const {
    std::vector<bool> unconstrained(static_cast<size_t>(jacobian.rows()), false);
    if (free_.cols() == 0) return unconstrained;
    const Eigen::VectorXd along = (jacobian * free_).cwiseAbs().rowwise().maxCoeff();
    for (Eigen::Index i = 0; i < along.size(); ++i)
      unconstrained[static_cast<size_t>(i)] = along[i] > kFreeTolerance * jacobian.row(i).norm();
    return unconstrained;
  }
  static void SetInfinite(const std::vector<bool>& unconstrained, Eigen::MatrixXd* covariance) {
    for (Eigen::Index i = 0; i < covariance->rows(); ++i) {
      if (!unconstrained[static_cast<size_t>(i)]) continue;
      covariance->row(i).setZero();
      covariance->col(i).setZero();
      (*covariance)(i, i) = std::numeric_limits<double>::infinity();
    }
  }

  // L^-T, from a matrix with L in its lower triangle. A panel of columns of L^-1 starts at its first row,
  // which saves two thirds of the time of a solution for the whole identity.
  static Eigen::MatrixXd InverseOfUpper(const Eigen::MatrixXd& lower) {
    constexpr Eigen::Index kPanel = 16;
    const Eigen::Index N = lower.rows();
    Eigen::MatrixXd inverse = Eigen::MatrixXd::Zero(N, N), panel;
    for (Eigen::Index begin = 0; begin < N; begin += kPanel) {
      const Eigen::Index below = N - begin, width = std::min(kPanel, below);
      panel.setIdentity(below, width);
      lower.bottomRightCorner(below, below).triangularView<Eigen::Lower>().solveInPlace(panel);
      inverse.block(begin, begin, width, below) = panel.transpose();
    }
    return inverse;
  }

  // jacobian B. Eigen's products of triangles divide by their sizes.
  Eigen::MatrixXd Roots(const Eigen::MatrixXd& jacobian) const {
    if (is_triangular_ && jacobian.rows() > 0) return jacobian * root_.triangularView<Eigen::Upper>();
    return jacobian * root_;
  }

  // hessian: of the constrained variables.
  static Split SplitByRank(Eigen::MatrixXd hessian) {
    const Eigen::Index N = hessian.rows();
    if (N == 0) return {hessian, hessian};
    const Eigen::VectorXd scale = hessian.diagonal().cwiseSqrt().cwiseInverse();
    hessian = scale.asDiagonal() * hessian * scale.asDiagonal();
    const Eigen::LLT<Eigen::MatrixXd> cholesky(hessian);
    if (cholesky.info() == Eigen::Success &&
        cholesky.matrixLLT().diagonal().minCoeff() > std::sqrt(kRankTolerance))
      return {scale.asDiagonal() * InverseOfUpper(cholesky.matrixLLT()), Eigen::MatrixXd(N, 0), true};
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
  bool is_triangular_;    // root_: upper
  Eigen::MatrixXd free_;  // unconstrained directions n, N x (N - rank), unit columns
};

}  // namespace smplceres
