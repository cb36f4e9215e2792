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
//   double Reach(double r_i, double r_j) const;
//       pairs whose first points are farther apart have e = 0; r the distance of a thing's two points; grows
//       with either
//   double SquaredReach(double r_i, double r_j, int i, int j) const;
//       the same, squared, of things i and j
//   template <typename T> T operator()(const T* points, int i, int j) const;       2 i, 2 i + 1, 2 j, 2 j + 1
//
// Points of limbs that no other limb is near need not be known: NaN, they meet nothing.
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
  // gradients: dr/dp, a point's in several parts.
  virtual void Linearize(const double* points,
                         double* residuals,
                         std::vector<PointGradient>* gradients) const = 0;

  virtual const LimbPairs& limbs() const = 0;
  // Of the functor.
  virtual double Reach(double r_i, double r_j) const = 0;
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
    if (things_ == kSolid) {
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

  // The two things' points, of scalars that move: kSize numbers of each thing.
  template <int kSize>
  static void Seed(const double* thing, int first, ceres::Jet<double, 2 * kSize>* jets) {
    for (int k = 0; k < 6; ++k) jets[k] = ceres::Jet<double, 2 * kSize>(thing[k], first + k % kSize);
  }

  // Energies of pairs, and their gradients.
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
      residuals[row] += functor_(p, i, j);
    });
    for (int row = 0; row < num_residuals_; ++row)
      residuals[row] = Value(residuals[row]) == 0.0 ? T(0.0) : T(scale_ * sqrt(residuals[row]));
  }

  // Things now: their first points are within `reach` of `centre`, `radius` is the greatest distance of the
  // two points of one.
  struct Bound {
    Eigen::Vector3d centre = Eigen::Vector3d::Zero();
    double reach = 0.0, radius = 0.0;
  };

  template <typename T>
  static Eigen::Vector3d Position(const T* points, int i) {
    return {Value(points[3 * i]), Value(points[3 * i + 1]), Value(points[3 * i + 2])};
  }

  // One evaluation's search for pairs.
  template <typename T>
  class Search {
   public:
    Search(const LimbPairTerm& term, const T* points)
        : term_(term), points_(points), radii_(static_cast<size_t>(term.limbs_.limbs.back().end)) {
      bounds_.reserve(term.limbs_.limbs.size());
      things_.resize(term.limbs_.limbs.size());
      for (const Limb& limb : term.limbs_.limbs) {
        if (std::isnan(At(limb.begin).x())) {  // nothing is near it
          bounds_.push_back({Eigen::Vector3d::Constant(std::numeric_limits<double>::quiet_NaN())});
          continue;
        }
        std::vector<int>& things = things_[bounds_.size()];
        things.resize(static_cast<size_t>(limb.end - limb.begin));
        std::iota(things.begin(), things.end(), limb.begin);
        for (const int i : things) radius(i) = (At(i) - Position(points, 2 * i + 1)).norm();
        bounds_.push_back(BoundOf(things));
      }
    }

    // visit(i, j) for the pairs that are not too far apart: limbs, then things of one and the other limb,
    // each cut down to what is near the rest of the other, then two things.
    template <typename Visit>
    void ForEachClose(const LimbPair& pair, Visit visit) {
      const size_t first = static_cast<size_t>(pair.first), second = static_cast<size_t>(pair.second);
      if (!Near(bounds_[first], bounds_[second])) return;
      of_first_ = things_[first];
      of_second_ = things_[second];
      KeepNear(bounds_[second], &of_first_);
      KeepNear(BoundOf(of_first_), &of_second_);
      KeepNear(BoundOf(of_second_), &of_first_);
      for (const int i : of_first_) {
        const Eigen::Vector3d at = At(i);
        for (const int j : of_second_) {
          const double reach2 = term_.functor_.SquaredReach(radius(i), radius(j), i, j);
          if ((at - At(j)).squaredNorm() <= reach2 && term_.limbs_.MayMeet(pair, i, j)) visit(i, j);
        }
      }
    }

   private:
    double& radius(int i) { return radii_[static_cast<size_t>(i)]; }
    Eigen::Vector3d At(int i) const { return Position(points_, 2 * i); }

    Bound BoundOf(const std::vector<int>& things) {
      Bound bound;
      for (const int i : things) bound.centre += At(i) / static_cast<double>(things.size());
      for (const int i : things) {
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

    void KeepNear(const Bound& bound, std::vector<int>* things) {
      const auto far = [&](int i) { return !Near({At(i), 0.0, radius(i)}, bound); };
      things->erase(std::remove_if(things->begin(), things->end(), far), things->end());
    }

    const LimbPairTerm& term_;
    const T* points_;
    std::vector<double> radii_;
    std::vector<Bound> bounds_;             // of limbs
    std::vector<std::vector<int>> things_;  // of limbs
    std::vector<int> of_first_, of_second_;
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
  Things things_;
  std::vector<int> row_of_chain_;
  int num_residuals_;
};

}  // namespace smplceres
