// The projected outline of the body coincides with the mask's outline.
//
//   E = weight / C sum_i rho( unit^2 (n_i . (Pi(p_i) - c_i))^2 )
//
//   c_i   C points spread evenly on the outline of the mask (raster/mask.h; pixels), n_i its normal there
//   p_i   the point of the body's outline nearest to c_i whose normal is within max_turn of n_i. It lies on
//         an edge of the mesh, is found when the term is assembled and is fixed to the surface during a solve
//         (metres, world)
//   Pi    projection by the camera with its zoom;  unit: ReprojectionOptions::pixels_per_metre
//   rho   robust function (math/robust.h)
//
// Residual: 1 row per c_i that has a p_i within 3 sigma; the others add no row but count in C. The distance
// is point to line: a match does not determine where along the outline p_i lies, and to first order a point
// of the rim moves along n_i as the rim itself does.
// Left out for views without a mask.
#pragma once

#include <Eigen/Core>

#include "smplceres/math/robust.h"
#include "smplceres/terms/image_distance.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kSilhouetteContourTerm{"silhouette_contour", TermSource::kImage, 0.0};

struct SilhouetteContourOptions {
  double weight = 0.0;
  Robust robust = Robust::kGemanMcClure;
  double sigma = 20.0;
  double max_turn = 0.8;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &SilhouetteContourOptions::weight, kWeightDoc);
    visit("robust", &SilhouetteContourOptions::robust, kRobustDoc);
    visit("sigma",
          &SilhouetteContourOptions::sigma,
          "Distance at which rho starts to saturate, > 0, residual units. Contour points without a point of "
          "the body's outline within 3 sigma are left out.");
    visit("max_turn",
          &SilhouetteContourOptions::max_turn,
          "Max angle between the normals of mask and body, radians, 0 to pi.");
  }
};

// Throws std::invalid_argument for numbers out of range, NaN among them.
inline void Check(const SilhouetteContourOptions& options) {
  CheckRange("silhouette_contour.sigma", options.sigma, 1e-6, 1e9);
  CheckRange("silhouette_contour.max_turn", options.max_turn, 0.0, 3.15);
}

template <typename CameraModel>
class SilhouetteContour {
 public:
  static constexpr int kNumPoints = 1;
  static constexpr int kNumResiduals = 1;

  // factor = sqrt(weight / C).
  SilhouetteContour(const CameraModel& camera,
                    const Eigen::Vector2d& place,
                    const Eigen::Vector2d& normal,
                    double factor,
                    double unit,
                    const SilhouetteContourOptions& options)
      : place_(place), normal_(normal), row_{camera, factor, unit, options.robust, options.sigma} {}

  template <typename T>
  bool operator()(const T* point, const T* log_zoom, T* residuals) const {
    const auto along_normal = [this](const T* uv) {
      return T(normal_.x() * (uv[0] - place_.x()) + normal_.y() * (uv[1] - place_.y()));
    };
    return row_(point, log_zoom, along_normal, residuals);
  }

 private:
  Eigen::Vector2d place_, normal_;
  ImageDistance<CameraModel> row_;
};

}  // namespace smplceres
