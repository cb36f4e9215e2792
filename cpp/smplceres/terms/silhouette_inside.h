// The projected body lies inside the person's mask.
//
//   E = weight / N sum_k rho( unit^2 max(0, s(Pi(p_k)))^2 )
//
//   s     signed distance to the mask's outline (raster/mask.h; pixels, > 0 outside), constant beyond the
//         border of the image
//   p_k   N points of the surface: half are spaced evenly on the body's outline at the time when the term is
//         assembled, half are vertices spread over the whole surface (metres, world)
//   Pi    projection by the camera with its zoom;  unit: ReprojectionOptions::pixels_per_metre
//   rho   robust function (math/robust.h)
//
// Residual: 1 row per point, 0 inside; its square has a continuous derivative. Dividing by N makes
// the energy independent of the number of points. A point behind a pinhole makes the evaluation
// fail, as in reprojection.h.
// Left out for views without a mask.
#pragma once

#include <memory>
#include <utility>

#include "ceres/jet.h"
#include "smplceres/math/robust.h"
#include "smplceres/raster/mask.h"
#include "smplceres/terms/image_distance.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kSilhouetteInsideTerm{"silhouette_inside", TermSource::kImage, 0.0};

struct SilhouetteInsideOptions {
  double weight = 0.0;
  Robust robust = Robust::kGemanMcClure;
  double sigma = 20.0;
  int points = 300;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &SilhouetteInsideOptions::weight, kWeightDoc);
    visit("robust", &SilhouetteInsideOptions::robust, kRobustDoc);
    visit("sigma",
          &SilhouetteInsideOptions::sigma,
          "Distance at which rho starts to saturate, > 0, residual units.");
    visit("points", &SilhouetteInsideOptions::points, "N, 2 to 1e6.");
  }
};

// Throws std::invalid_argument for numbers out of range, NaN among them.
inline void Check(const SilhouetteInsideOptions& options) {
  CheckRange("silhouette_inside.sigma", options.sigma, 1e-6, 1e9);
  CheckRange("silhouette_inside.points", options.points, 2, 1e6);
}

inline double SignedDistance(const Mask& mask, const double* uv) {
  return mask.SignedDistance(uv[0], uv[1]).value;
}

template <int N>
ceres::Jet<double, N> SignedDistance(const Mask& mask, const ceres::Jet<double, N>* uv) {
  const Mask::Sample at = mask.SignedDistance(uv[0].a, uv[1].a);
  return ceres::Jet<double, N>(at.value, at.gradient.x() * uv[0].v + at.gradient.y() * uv[1].v);
}

template <typename CameraModel>
class SilhouetteInside {
 public:
  static constexpr int kNumPoints = 1;
  static constexpr int kNumResiduals = 1;

  // factor = sqrt(weight / N).
  SilhouetteInside(const CameraModel& camera,
                   std::shared_ptr<const Mask> mask,
                   double factor,
                   double unit,
                   const SilhouetteInsideOptions& options)
      : mask_(std::move(mask)), row_{camera, factor, unit, options.robust, options.sigma} {}

  template <typename T>
  bool operator()(const T* point, const T* log_zoom, T* residuals) const {
    const auto outside = [this](const T* uv) {
      const T s = SignedDistance(*mask_, uv);
      return s > 0.0 ? s : T(0.0);
    };
    return row_(point, log_zoom, outside, residuals);
  }

 private:
  std::shared_ptr<const Mask> mask_;
  ImageDistance<CameraModel> row_;
};

}  // namespace smplceres
