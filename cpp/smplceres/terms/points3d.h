// Points of the body are where they were measured in 3D.
//
//   E = weight sum_k rho( |e_k|^2 ),     e_k = c_k L_k^T (p_k - x_k)
//
//   x_k   measured position (metres, world), c_k its confidence
//   p_k   the corresponding skinned point: a joint, a keypoint, a marker over a vertex (metres, world)
//   L_k   Cholesky factor of the inverse covariance, L_k L_k^T = Sigma_k^-1 (1 / metres): e_k is in standard
//         deviations, |e_k|^2 the squared Mahalanobis distance at confidence 1
//   rho   robust function (math/robust.h) of a point's squared error, its width in standard deviations
//
// Residual: 3 rows per point. Confidence scales the residual, as in reprojection.h: c = 1/2 doubles the
// standard deviation, c = 0 removes the point. The term does not depend on a camera.
// Left out without such points.
#pragma once

#include <Eigen/Core>

#include "smplceres/math/robust.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kPoints3dTerm{"points3d", TermSource::kSpace, 1.0};

struct Points3dOptions {
  double weight = 0.0;
  Robust robust = Robust::kNone;
  double sigma = 3.0;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &Points3dOptions::weight, kWeightDoc);
    visit("robust", &Points3dOptions::robust, kRobustDoc);
    visit("sigma",
          &Points3dOptions::sigma,
          "Error e at which rho starts to saturate, > 0, standard deviations.");
  }
};

// Throws std::invalid_argument for numbers out of range, NaN among them.
inline void Check(const Points3dOptions& options) { CheckRange("points3d.sigma", options.sigma, 1e-6, 1e9); }

class Point3d {
 public:
  static constexpr int kNumPoints = 1;
  static constexpr int kNumResiduals = 3;

  // scale = sqrt(weight); whitening = c L^T.
  Point3d(const Eigen::Vector3d& measured,
          const Eigen::Matrix3d& whitening,
          double scale,
          const Points3dOptions& options)
      : measured_(measured),
        whitening_(whitening),
        scale_(scale),
        robust_(options.robust),
        sigma_(options.sigma) {}

  template <typename T>
  bool operator()(const T* point, const T*, T* residuals) const {
    T d[3], e[3];
    for (int i = 0; i < 3; ++i) d[i] = point[i] - measured_[i];
    for (int i = 0; i < 3; ++i)
      e[i] = whitening_(i, 0) * d[0] + whitening_(i, 1) * d[1] + whitening_(i, 2) * d[2];
    const T factor = scale_ * RobustFactor(robust_, sigma_, T(e[0] * e[0] + e[1] * e[1] + e[2] * e[2]));
    for (int i = 0; i < 3; ++i) residuals[i] = factor * e[i];
    return true;
  }

 private:
  Eigen::Vector3d measured_;
  Eigen::Matrix3d whitening_;
  double scale_;
  Robust robust_;
  double sigma_;
};

}  // namespace smplceres
