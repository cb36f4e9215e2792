// A measured point cloud lies on the body's surface: a depth image, a scan.
//
//   E = weight sum_i rho( e_i^2 ),     e_i = c_i n_i . (x_i - p_i) / sigma
//
//   x_i     measured point (metres, world), c_i its confidence
//   p_i     the skinned point matched to it: the nearest vertex visible to the sensor
//   n_i     outward unit normal of the body at p_i (world); the body's normal, because the cloud's is noisy
//   sigma   standard deviation of the cloud's points along the normal (metres)
//   rho     robust function (math/robust.h) of width max(width / sigma, 3), `width` in metres; the lower
//           bound keeps plain noise from being treated as outliers
//
// Residual: 1 row per matched point. Matches and normals are computed when the term is assembled
// (match/cloud_match.h), are constant during a solve and are refreshed by a stage's rounds. A point-to-plane
// distance lets points slide along the surface, so the body can turn into the cloud; point-to-point distances
// would resist that.
// Source: Chen and Medioni, Object modelling by registration of multiple range images, Image and Vision
// Computing 10(3), 1992.
// Left out without clouds.
#pragma once

#include <Eigen/Core>
#include <algorithm>

#include "smplceres/math/robust.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kCloudTerm{"cloud", TermSource::kSpace, 1.0};

struct CloudOptions {
  double weight = 0.0;
  Robust robust = Robust::kGemanMcClure;
  double width = 0.05;
  double gate = 0.1;
  double max_turn = 1.0;
  int max_points = 1000;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &CloudOptions::weight, kWeightDoc);
    visit("robust", &CloudOptions::robust, kRobustDoc);
    visit("width",
          &CloudOptions::width,
          "Distance at which rho starts to saturate, metres, > 0; at least 3 standard deviations are used.");
    visit("gate", &CloudOptions::gate, "Max distance of a matched point from the body, metres, > 0.");
    visit("max_turn",
          &CloudOptions::max_turn,
          "Max angle between the normals of cloud and body, radians, 0 to pi; unused without normals of the "
          "cloud.");
    visit("max_points",
          &CloudOptions::max_points,
          "Max number of matches, 1 to 1e6, sampled evenly from the candidates.");
  }
};

// Throws std::invalid_argument for numbers out of range, NaN among them.
inline void Check(const CloudOptions& options) {
  CheckRange("cloud.width", options.width, 1e-6, 1e6);
  CheckRange("cloud.gate", options.gate, 1e-6, 1e6);
  CheckRange("cloud.max_turn", options.max_turn, 0.0, 3.15);
  CheckRange("cloud.max_points", options.max_points, 1, 1e6);
}

class PointToPlane {
 public:
  static constexpr int kNumPoints = 1;
  static constexpr int kNumResiduals = 1;

  // precision = c / sigma, scale = sqrt(weight).
  PointToPlane(const Eigen::Vector3d& measured,
               const Eigen::Vector3d& normal,
               double precision,
               double sigma,
               double scale,
               const CloudOptions& options)
      : measured_(measured),
        along_(precision * normal),
        scale_(scale),
        robust_(options.robust),
        width_(std::max(options.width / sigma, kMinWidth)) {}

  template <typename T>
  bool operator()(const T* point, const T*, T* residuals) const {
    const T e = along_[0] * (measured_[0] - point[0]) + along_[1] * (measured_[1] - point[1]) +
                along_[2] * (measured_[2] - point[2]);
    residuals[0] = scale_ * RobustFactor(robust_, width_, T(e * e)) * e;
    return true;
  }

 private:
  static constexpr double kMinWidth = 3.0;  // standard deviations

  Eigen::Vector3d measured_, along_;
  double scale_;
  Robust robust_;
  double width_;
};

}  // namespace smplceres
