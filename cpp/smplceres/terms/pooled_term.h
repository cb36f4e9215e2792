// Interface of terms over pairs of collision primitives, few of which have energy at a time.
//
//   r_g = scale sqrt( sum over pairs of row g of  e(pair) ),     e >= 0,
//   dr_g = scale^2 sum de / (2 r_g)
//
// so that r_g^2 is the energy of all pairs of row g. Primitive i (a sphere or patch) consists of the skinned
// points 2 i and 2 i + 1, whose meaning the functor defines. If all e of a row are exactly 0, its residual
// and derivative are 0. So e must reach 0 together with its derivatives (or from a negligible value), and de
// / sqrt(e) must stay finite, as it does for squares.
//
// A functor of a pair is templated on the scalar and differentiated by Jets over its 12 coordinates:
//
//   double Reach(double r_i, double r_j) const;
//       e = 0 for pairs whose first points are farther apart; r is the distance of a primitive's two points;
//       increases with either
//   double SquaredReach(double r_i, double r_j, int i, int j) const;
//       the squared reach of primitives i and j
//   template <typename T> T operator()(const T* points, int i, int j) const;       2 i, 2 i + 1, 2 j, 2 j + 1
//
// Points of limbs far from all others may be NaN, which gives no pairs.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "ceres/jet.h"
#include "smplceres/body/skinned_points.h"
#include "smplceres/collide/limb_pairs.h"
#include "smplceres/terms/point_term.h"

namespace smplceres {

class PooledTerm {
 public:
  virtual ~PooledTerm() = default;

  virtual int num_residuals() const = 0;
  virtual void Evaluate(const double* points, double* residuals) const = 0;
  virtual void Evaluate(const WholeBodyJet* points, WholeBodyJet* residuals) const = 0;
  // gradients: dr/dp; a point may occur several times, and its gradients add up.
  virtual void Linearize(const double* points,
                         double* residuals,
                         std::vector<PointGradient>* gradients) const = 0;

  virtual const LimbPairs& limbs() const = 0;
  // The functor's reach.
  virtual double Reach(double r_i, double r_j) const = 0;
};

// Pairs of primitives of limbs, with a row per chain of limbs, for the pairs whose second limb is in the
// chain.
//
// kSolid: the functor depends only on the position of a primitive and on the distance of its two points,
// which is constant. The derivative for both points moved together then suffices and becomes the first
// point's gradient, with half the Jets and half the points.
template <typename Functor>
class LimbPairTerm final : public PooledTerm {
 public:
  enum Primitives { kFree, kSolid };

  // `limbs` must outlive the term.
  LimbPairTerm(Functor functor, double scale, const LimbPairs& limbs, Primitives primitives)
      : functor_(std::move(functor)),
        scale_(scale),
        limbs_(limbs),
        primitives_(primitives),
        row_of_chain_(Rows(limbs)) {
    num_residuals_ = 1 + *std::max_element(row_of_chain_.begin(), row_of_chain_.end());
  }

  const LimbPairs& limbs() const override { return limbs_; }
  double Reach(double r_i, double r_j) const override { return functor_.Reach(r_i, r_j); }

  int num_residuals() const override { return num_residuals_; }

  void Evaluate(const double* points, double* residuals) const override { EvaluateRows(points, residuals); }
  void Evaluate(const WholeBodyJet* points, WholeBodyJet* residuals) const override {
    EvaluateRows(points, residuals);
  }

  void Linearize(const double* points,
                 double* residuals,
                 std::vector<PointGradient>* gradients) const override {
    gradients->clear();
    std::fill(residuals, residuals + num_residuals_, 0.0);
    if (primitives_ == kSolid) {
      AddPairs<3>(points, residuals, gradients);
    } else {
      AddPairs<6>(points, residuals, gradients);
    }
    for (int row = 0; row < num_residuals_; ++row) residuals[row] = scale_ * std::sqrt(residuals[row]);
    for (PointGradient& gradient : *gradients)
      gradient.gradient *= scale_ * scale_ / (2.0 * residuals[gradient.row]);
  }

 private:
  static double Value(double x) { return x; }
  static double Value(const WholeBodyJet& x) { return x.a; }

  // The points of a primitive as Jets with kSize derivatives, from `first` on.
  template <int kSize>
  static void Seed(const double* primitive, int first, ceres::Jet<double, 2 * kSize>* jets) {
    for (int k = 0; k < 6; ++k) jets[k] = ceres::Jet<double, 2 * kSize>(primitive[k], first + k % kSize);
  }

  // Adds the energies of pairs and their gradients.
  template <int kSize>
  void AddPairs(const double* points, double* energies, std::vector<PointGradient>* gradients) const {
    using Jet = ceres::Jet<double, 2 * kSize>;
    ForEachClosePair(points, [&](int row, int i, int j) {
      double values[12];
      std::copy_n(points + 6 * i, 6, values);
      std::copy_n(points + 6 * j, 6, values + 6);
      if (functor_(values, i, j) == 0.0) return;  // most of them
      Jet p[12];
      Seed<kSize>(values, 0, p);
      Seed<kSize>(values + 6, kSize, p + 6);
      const Jet energy = functor_(p, i, j);
      if (energy.a == 0.0) return;
      energies[row] += energy.a;
      for (int k = 0; 3 * k < kSize; ++k) {
        gradients->push_back({row, 2 * i + k, energy.v.template segment<3>(3 * k)});
        gradients->push_back({row, 2 * j + k, energy.v.template segment<3>(kSize + 3 * k)});
      }
    });
  }

  static size_t ChainOf(const LimbPairs& limbs, const LimbPair& pair) {
    return static_cast<size_t>(limbs.limbs[static_cast<size_t>(pair.second)].chain);
  }

  // The row of each chain; -1 if none of its limbs is the second one of a pair.
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
      residuals[row] += functor_(p, i, j);
    });
    for (int row = 0; row < num_residuals_; ++row)
      residuals[row] = Value(residuals[row]) == 0.0 ? T(0.0) : T(scale_ * sqrt(residuals[row]));
  }

  // Bounds of primitives: their first points are within `reach` of `centre`; `radius` is the maximum distance
  // of the two points of one.
  struct Bound {
    Eigen::Vector3d centre = Eigen::Vector3d::Zero();
    double reach = 0.0, radius = 0.0;
  };

  template <typename T>
  static Eigen::Vector3d Position(const T* points, int i) {
    return {Value(points[3 * i]), Value(points[3 * i + 1]), Value(points[3 * i + 2])};
  }

  // The search for close pairs in one evaluation.
  template <typename T>
  class Search {
   public:
    Search(const LimbPairTerm& term, const T* points)
        : term_(term), points_(points), radii_(static_cast<size_t>(term.limbs_.limbs.back().end)) {
      bounds_.reserve(term.limbs_.limbs.size());
      primitives_.resize(term.limbs_.limbs.size());
      for (const Limb& limb : term.limbs_.limbs) {
        if (std::isnan(At(limb.begin).x())) {  // far from all other limbs
          bounds_.push_back({Eigen::Vector3d::Constant(std::numeric_limits<double>::quiet_NaN())});
          continue;
        }
        std::vector<int>& primitives = primitives_[bounds_.size()];
        primitives.resize(static_cast<size_t>(limb.end - limb.begin));
        std::iota(primitives.begin(), primitives.end(), limb.begin);
        for (const int i : primitives) radius(i) = (At(i) - Position(points, 2 * i + 1)).norm();
        bounds_.push_back(BoundOf(primitives));
      }
    }

    // Calls visit(i, j) for the close pairs. Tests the bounds of the limbs, then the primitives of each
    // against the bounds of the other, repeatedly narrowed, then pairs of primitives.
    template <typename Visit>
    void ForEachClose(const LimbPair& pair, Visit visit) {
      const size_t first = static_cast<size_t>(pair.first), second = static_cast<size_t>(pair.second);
      if (!Near(bounds_[first], bounds_[second])) return;
      first_ = primitives_[first];
      second_ = primitives_[second];
      KeepNear(bounds_[second], &first_);
      KeepNear(BoundOf(first_), &second_);
      KeepNear(BoundOf(second_), &first_);
      for (const int i : first_) {
        const Eigen::Vector3d at = At(i);
        for (const int j : second_) {
          const double reach2 = term_.functor_.SquaredReach(radius(i), radius(j), i, j);
          if ((at - At(j)).squaredNorm() <= reach2 && term_.limbs_.MayCollide(pair, i, j)) visit(i, j);
        }
      }
    }

   private:
    double& radius(int i) { return radii_[static_cast<size_t>(i)]; }
    Eigen::Vector3d At(int i) const { return Position(points_, 2 * i); }

    Bound BoundOf(const std::vector<int>& primitives) {
      Bound bound;
      for (const int i : primitives) bound.centre += At(i) / static_cast<double>(primitives.size());
      for (const int i : primitives) {
        bound.reach = std::max(bound.reach, (At(i) - bound.centre).squaredNorm());
        bound.radius = std::max(bound.radius, radius(i));
      }
      bound.reach = std::sqrt(bound.reach);
      return bound;
    }

    // False for NaN.
    bool Near(const Bound& a, const Bound& b) const {
      const double reach = a.reach + b.reach + term_.functor_.Reach(a.radius, b.radius);
      return (a.centre - b.centre).squaredNorm() <= reach * reach;
    }

    void KeepNear(const Bound& bound, std::vector<int>* primitives) {
      const auto far = [&](int i) { return !Near({At(i), 0.0, radius(i)}, bound); };
      primitives->erase(std::remove_if(primitives->begin(), primitives->end(), far), primitives->end());
    }

    const LimbPairTerm& term_;
    const T* points_;
    std::vector<double> radii_;
    std::vector<Bound> bounds_;                 // of limbs
    std::vector<std::vector<int>> primitives_;  // of limbs
    std::vector<int> first_, second_;           // close primitives of the two limbs
  };

  // visit(row, i, j)
  template <typename T, typename Visit>
  void ForEachClosePair(const T* points, Visit visit) const {
    Search<T> search(*this, points);
    for (const LimbPair& pair : limbs_.pairs) {
      const int row = row_of_chain_[ChainOf(limbs_, pair)];
      search.ForEachClose(pair, [&](int i, int j) { visit(row, i, j); });
    }
  }

  Functor functor_;
  double scale_;
  const LimbPairs& limbs_;
  Primitives primitives_;
  std::vector<int> row_of_chain_;
  int num_residuals_;
};

}  // namespace smplceres
