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
//   double Reach(double r_i, double r_j) const;   pairs whose first points are farther apart have e = 0; r
//   the
//                                                 distance of a thing's two points; grows with either
//   template <typename T> T operator()(const T* points, int i, int j) const;       2 i, 2 i + 1, 2 j, 2 j + 1
//
// Points of limbs that no other limb is near need not be known: NaN, they meet nothing.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "ceres/jet.h"
#include "smplceres/body/limb_pairs.h"
#include "smplceres/body/skinned_points.h"
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

  // A limb's things now: their first points are within `reach` of `centre`, `radius` of each the distance of
  // its two points.
  struct Bound {
    Eigen::Vector3d centre;
    double reach = 0.0, radius = 0.0;  // the greatest
  };

  template <typename T>
  static Eigen::Vector3d Position(const T* points, int i) {
    return {Value(points[3 * i]), Value(points[3 * i + 1]), Value(points[3 * i + 2])};
  }

  template <typename T>
  std::vector<Bound> Bounds(const T* points, std::vector<double>* radii) const {
    std::vector<Bound> bounds(limbs_.limbs.size());
    for (size_t l = 0; l < bounds.size(); ++l) {
      const Limb& limb = limbs_.limbs[l];
      Bound& bound = bounds[l];
      bound.centre = 0.5 * (Position(points, 2 * limb.begin) + Position(points, 2 * (limb.end - 1)));
      if (std::isnan(bound.centre.x())) continue;
      for (int i = limb.begin; i < limb.end; ++i) {
        const Eigen::Vector3d first = Position(points, 2 * i);
        double& radius = (*radii)[static_cast<size_t>(i)];
        radius = (first - Position(points, 2 * i + 1)).norm();
        bound.reach = std::max(bound.reach, (first - bound.centre).norm());
        bound.radius = std::max(bound.radius, radius);
      }
    }
    return bounds;
  }

  // visit(row, i, j) for all pairs but those that are too far apart: limbs, then a thing and a limb, then two
  // things.
  template <typename T, typename Visit>
  void ForEachClosePair(const T* points, Visit visit) const {
    std::vector<double> radii(static_cast<size_t>(limbs_.limbs.back().end));
    const std::vector<Bound> bounds = Bounds(points, &radii);
    for (const LimbPair& pair : limbs_.pairs) {
      const Bound& a = bounds[static_cast<size_t>(pair.first)];
      const Bound& b = bounds[static_cast<size_t>(pair.second)];
      const double apart = (a.centre - b.centre).norm();
      if (!(apart <= a.reach + b.reach + functor_.Reach(a.radius, b.radius))) continue;
      const int row = row_of_chain_[ChainOf(limbs_, pair)];
      for (size_t n = 0; n < pair.things.size();) {
        const int i = pair.things[n].first;
        const double r_i = radii[static_cast<size_t>(i)];
        const Eigen::Vector3d first = Position(points, 2 * i);
        const bool near = (first - b.centre).norm() <= b.reach + functor_.Reach(r_i, b.radius);
        for (; n < pair.things.size() && pair.things[n].first == i; ++n) {
          if (!near) continue;
          const int j = pair.things[n].second;
          const double reach = functor_.Reach(r_i, radii[static_cast<size_t>(j)]);
          if ((first - Position(points, 2 * j)).squaredNorm() <= reach * reach) visit(row, i, j);
        }
      }
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
