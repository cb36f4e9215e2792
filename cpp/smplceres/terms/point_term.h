// Interface of data terms: residuals and their derivatives with respect to points and camera.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "ceres/jet.h"

namespace smplceres {

// Jets of the whole-body automatic differentiation; 4 derivatives a pass is the fastest stride measured.
constexpr int kWholeBodyStride = 4;
using WholeBodyJet = ceres::Jet<double, kWholeBodyStride>;

// All residuals of one data term. points: coordinates of all skinned points (3 each); camera: log zoom. Every
// function returns false if the term cannot be evaluated.
class PointTerm {
 public:
  virtual ~PointTerm() = default;

  virtual int num_functors() const = 0;
  virtual int num_points() const = 0;     // per functor
  virtual int num_residuals() const = 0;  // per functor
  virtual const int* points_of(int functor) const = 0;

  // residuals: num_functors x num_residuals.
  virtual bool Evaluate(const double* points, const double* camera, double* residuals) const = 0;
  virtual bool Evaluate(const WholeBodyJet* points,
                        const WholeBodyJet* camera,
                        WholeBodyJet* residuals) const = 0;

  // Evaluates one functor. point_jacobian: num_residuals x 3 num_points; camera_jacobian: num_residuals x 1.
  virtual bool Linearize(int functor,
                         const double* points,
                         const double* camera,
                         double* residuals,
                         double* point_jacobian,
                         double* camera_jacobian) const = 0;
};

template <typename Functor>
class PointTermSet final : public PointTerm {
 public:
  static constexpr int kPoints = Functor::kNumPoints;
  static constexpr int kRows = Functor::kNumResiduals;

  void Add(Functor functor, const std::array<int, kPoints>& points) {
    functors_.push_back(std::move(functor));
    points_.push_back(points);
  }

  int num_functors() const override { return static_cast<int>(functors_.size()); }
  int num_points() const override { return kPoints; }
  int num_residuals() const override { return kRows; }
  const int* points_of(int functor) const override { return points_[static_cast<size_t>(functor)].data(); }

  bool Evaluate(const double* points, const double* camera, double* residuals) const override {
    return EvaluateAll(points, camera, residuals);
  }
  bool Evaluate(const WholeBodyJet* points,
                const WholeBodyJet* camera,
                WholeBodyJet* residuals) const override {
    return EvaluateAll(points, camera, residuals);
  }

  bool Linearize(int functor,
                 const double* points,
                 const double* camera,
                 double* residuals,
                 double* point_jacobian,
                 double* camera_jacobian) const override {
    using Jet = ceres::Jet<double, 3 * kPoints + 1>;
    Jet p[3 * kPoints], r[kRows];
    for (int i = 0; i < kPoints; ++i)
      for (int axis = 0; axis < 3; ++axis)
        p[3 * i + axis] = Jet(
            points[3 * points_[static_cast<size_t>(functor)][static_cast<size_t>(i)] + axis], 3 * i + axis);
    const Jet c(camera[0], 3 * kPoints);
    if (!functors_[static_cast<size_t>(functor)](p, &c, r)) return false;
    for (int row = 0; row < kRows; ++row) {
      residuals[row] = r[row].a;
      for (int i = 0; i < 3 * kPoints; ++i) point_jacobian[3 * kPoints * row + i] = r[row].v[i];
      camera_jacobian[row] = r[row].v[3 * kPoints];
    }
    return true;
  }

 private:
  template <typename T>
  bool EvaluateAll(const T* points, const T* camera, T* residuals) const {
    for (size_t f = 0; f < functors_.size(); ++f) {
      T p[3 * kPoints];
      for (size_t i = 0; i < kPoints; ++i)
        for (int axis = 0; axis < 3; ++axis)
          p[3 * static_cast<int>(i) + axis] = points[3 * points_[f][i] + axis];
      if (!functors_[f](p, camera, residuals + f * kRows)) return false;
    }
    return true;
  }

  std::vector<Functor> functors_;
  std::vector<std::array<int, kPoints>> points_;
};

}  // namespace smplceres
