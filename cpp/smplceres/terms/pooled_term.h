// Terms of pairs of things, of which a few at a time count, behind one interface.
//
//   r_g = scale sqrt( sum over pairs of row g of  e(pair) ),     e >= 0,
//   dr_g = scale^2 sum de / (2 r_g)
//
// so that r_g^2 is the energy of all pairs of a row. A thing is two skinned points: 2 i and 2 i + 1; what
// they are is the functor's business. Where all e of a row are exactly 0, its residual and derivative are 0:
// a functor goes to 0 with its derivatives, or falls to it from a value that does not matter, and de /
// sqrt(e) stays finite on the way, as it does for squares.
//
// A functor of a pair, templated on the scalar, differentiated by Jets over its 12 numbers:
//
//   double Reach(double r_i, double r_j) const;   pairs that are farther apart have e = 0; r the distance of
//   a
//                                                 thing's two points
//   template <typename T> T operator()(const T* points) const;     2 i, 2 i + 1, 2 j, 2 j + 1
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "ceres/jet.h"
#include "smplceres/body/limb_pairs.h"
#include "smplceres/terms/point_term.h"

namespace smplceres {

// dr/dp of all rows: zero but for `points`.
struct PointGradients {
  std::vector<int> points;                                                      // ascending
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows;  // rows x 3 per skinned point
};

class PooledTerm {
 public:
  virtual ~PooledTerm() = default;

  virtual int num_residuals() const = 0;
  virtual void Evaluate(const double* points, double* residuals) const = 0;
  virtual void Evaluate(const WholeBodyJet* points, WholeBodyJet* residuals) const = 0;
  virtual void Linearize(const double* points, double* residuals, PointGradients* gradients) const = 0;
};

// Pairs of things of limbs; a row for each chain of limbs, of the pairs whose second limb is in it.
//
// kSolid: only the place of a thing and the distance of its two points matter to the functor, and that
// distance is a constant. It is then enough to know the derivative for both points moved together, and the
// first point's gradient is that: half the Jets, half the points.
template <typename Functor>
class LimbPairTerm final : public PooledTerm {
 public:
  enum Things { kFree, kSolid };

  // `limbs` must outlive the term.
  LimbPairTerm(Functor functor, double scale, const LimbPairs& limbs, Things things)
      : functor_(std::move(functor)),
        scale_(scale),
        limbs_(limbs),
        things_(things),
        row_of_chain_(Rows(limbs)) {
    num_residuals_ = 1 + *std::max_element(row_of_chain_.begin(), row_of_chain_.end());
  }

  int num_residuals() const override { return num_residuals_; }

  void Evaluate(const double* points, double* residuals) const override { EvaluateRows(points, residuals); }
  void Evaluate(const WholeBodyJet* points, WholeBodyJet* residuals) const override {
    EvaluateRows(points, residuals);
  }

  void Linearize(const double* points, double* residuals, PointGradients* gradients) const override {
    gradients->points.clear();
    gradients->rows.setZero(num_residuals_, 6 * limbs_.limbs.back().end);
    std::fill(residuals, residuals + num_residuals_, 0.0);
    if (things_ == kSolid) {
      AddPairs<3>(points, residuals, gradients);
    } else {
      AddPairs<6>(points, residuals, gradients);
    }
    for (int row = 0; row < num_residuals_; ++row) {
      if (residuals[row] == 0.0) continue;
      residuals[row] = scale_ * std::sqrt(residuals[row]);
      gradients->rows.row(row) *= scale_ * scale_ / (2.0 * residuals[row]);
    }
    std::sort(gradients->points.begin(), gradients->points.end());
    gradients->points.erase(std::unique(gradients->points.begin(), gradients->points.end()),
                            gradients->points.end());
  }

 private:
  static double Value(double x) { return x; }
  static double Value(const WholeBodyJet& x) { return x.a; }

  // Energies of pairs, and their gradients; kSize numbers of each thing move.
  template <int kSize>
  void AddPairs(const double* points, double* energies, PointGradients* gradients) const {
    using Jet = ceres::Jet<double, 2 * kSize>;
    ForEachClosePair(points, [&](int row, int i, int j) {
      Jet p[12];
      for (int k = 0; k < 6; ++k) {
        p[k] = Jet(points[6 * i + k], k % kSize);
        p[6 + k] = Jet(points[6 * j + k], kSize + k % kSize);
      }
      const Jet energy = functor_(p);
      if (energy.a == 0.0) return;
      energies[row] += energy.a;
      gradients->rows.row(row).template segment<kSize>(6 * i) += energy.v.template head<kSize>();
      gradients->rows.row(row).template segment<kSize>(6 * j) += energy.v.template tail<kSize>();
      for (const int thing : {i, j})
        for (int point = 2 * thing; 3 * point < 6 * thing + kSize; ++point)
          gradients->points.push_back(point);
    });
  }

  static size_t ChainOf(const LimbPairs& limbs, const LimbPair& pair) {
    return static_cast<size_t>(limbs.limbs[static_cast<size_t>(pair.second)].chain);
  }

  // Of each chain; -1 where none of its limbs is the second one of a pair.
  static std::vector<int> Rows(const LimbPairs& limbs) {
    std::vector<int> rows(static_cast<size_t>(limbs.num_chains), -1);
    int count = 0;
    for (const LimbPair& pair : limbs.pairs) {
      int& row = rows[ChainOf(limbs, pair)];
      if (row < 0) row = count++;
    }
    return rows;
  }

  template <typename T>
  void EvaluateRows(const T* points, T* residuals) const {
    using std::sqrt;
    std::fill(residuals, residuals + num_residuals_, T(0.0));
    ForEachClosePair(points, [&](int row, int i, int j) {
      T p[12];
      for (int k = 0; k < 6; ++k) {
        p[k] = points[6 * i + k];
        p[6 + k] = points[6 * j + k];
      }
      residuals[row] += functor_(p);
    });
    for (int row = 0; row < num_residuals_; ++row)
      residuals[row] = Value(residuals[row]) == 0.0 ? T(0.0) : T(scale_ * sqrt(residuals[row]));
  }

  // A limb's things are within `reach` of `centre`, and none's two points are farther apart than `radius`.
  struct Bound {
    Eigen::Vector3d centre;
    double reach = 0.0, radius = 0.0;
  };

  template <typename T>
  static Eigen::Vector3d Position(const T* points, int i) {
    return {Value(points[3 * i]), Value(points[3 * i + 1]), Value(points[3 * i + 2])};
  }

  template <typename T>
  std::vector<Bound> Bounds(const T* points) const {
    std::vector<Bound> bounds(limbs_.limbs.size());
    for (size_t l = 0; l < bounds.size(); ++l) {
      const Limb& limb = limbs_.limbs[l];
      Bound& bound = bounds[l];
      bound.centre = 0.5 * (Position(points, 2 * limb.begin) + Position(points, 2 * (limb.end - 1)));
      for (int i = limb.begin; i < limb.end; ++i) {
        const Eigen::Vector3d first = Position(points, 2 * i);
        bound.reach = std::max(bound.reach, (first - bound.centre).norm());
        bound.radius = std::max(bound.radius, (first - Position(points, 2 * i + 1)).norm());
      }
    }
    return bounds;
  }

  // visit(row, i, j) for all pairs but those of limbs that are too far apart.
  template <typename T, typename Visit>
  void ForEachClosePair(const T* points, Visit visit) const {
    const std::vector<Bound> bounds = Bounds(points);
    for (const LimbPair& pair : limbs_.pairs) {
      const Bound& a = bounds[static_cast<size_t>(pair.first)];
      const Bound& b = bounds[static_cast<size_t>(pair.second)];
      const double reach = functor_.Reach(a.radius, b.radius);
      if ((a.centre - b.centre).norm() > a.reach + b.reach + reach) continue;
      const int row = row_of_chain_[ChainOf(limbs_, pair)];
      for (const auto& [i, j] : pair.things)
        if ((Position(points, 2 * i) - Position(points, 2 * j)).squaredNorm() <= reach * reach)
          visit(row, i, j);
    }
  }

  Functor functor_;
  double scale_;
  const LimbPairs& limbs_;
  Things things_;
  std::vector<int> row_of_chain_;
  int num_residuals_;
};

}  // namespace smplceres
