// Keypoint reprojection.
//
//   E = weight sum_k w_k^2 c_k^2 rho( unit^2 |Pi(p_k) - x_k|^2 )
//
//   x_k   observed keypoint (pixels), c_k its confidence, w_k the stage's weight for its role
//   p_k   the corresponding skinned point (metres, world)
//   Pi    projection by a pinhole or weak-perspective camera with its zoom
//   unit  residual units per pixel (1: pixels, as published); see ReprojectionOptions::pixels_per_metre
//   rho   robust function (math/robust.h) of the squared error, either per coordinate and summed (as
//         published) or per point
//
// Residual: 2 rows per keypoint. A point behind a pinhole has no residual: evaluation fails and the solver
// rejects the step, so that moving behind the camera never lowers the cost.
// Reference: Bogo et al., "Keep it SMPL", 2016, Eq. (2). Confidence scales the residual, so the energy
// contains its square, as in the code of SMPLify and SMPLify-X.
#pragma once

#include <Eigen/Core>
#include <cmath>

#include "smplceres/math/robust.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kReprojectionTerm{"reprojection", TermSource::kImage, 0.0};

struct ReprojectionOptions {
  double weight = 0.0;
  Robust robust = Robust::kGemanMcClure;
  double sigma = 100.0;
  bool per_point = false;
  double pixels_per_metre = 0.0;
  double shoulder_weight = 1.0;
  double neck_weight = 1.0;
  double hip_weight = 1.0;
  double head_weight = 1.0;
  double limb_weight = 1.0;
  double hand_weight = 1.0;
  double face_weight = 1.0;
  double contour_weight = 1.0;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &ReprojectionOptions::weight, kWeightDoc);
    visit("robust", &ReprojectionOptions::robust, kRobustDoc);
    visit("sigma",
          &ReprojectionOptions::sigma,
          "Error e at which rho starts to saturate, > 0, residual units.");
    visit("per_point",
          &ReprojectionOptions::per_point,
          "rho of the distance of each point; False: of each coordinate, as published.");
    visit("pixels_per_metre",
          &ReprojectionOptions::pixels_per_metre,
          "Residuals are in pixels of an image scaled so that a metre at the initial depth of the body spans "
          "this many pixels, which makes a fit independent of the resolution; 0: pixels of the original "
          "image.");
    visit("shoulder_weight",
          &ReprojectionOptions::shoulder_weight,
          "w_k of shoulders: a factor on their residuals, >= 0; 0 leaves them out. If the factors leave "
          "fewer than three keypoints, all are 1.");
    visit("neck_weight", &ReprojectionOptions::neck_weight, "w_k of the neck.");
    visit("hip_weight", &ReprojectionOptions::hip_weight, "w_k of hips and pelvis.");
    visit("head_weight", &ReprojectionOptions::head_weight, "w_k of face, ears and top of the head.");
    visit("limb_weight", &ReprojectionOptions::limb_weight, "w_k of arms, legs and all other keypoints.");
    visit("hand_weight", &ReprojectionOptions::hand_weight, "w_k of fingers.");
    visit("face_weight",
          &ReprojectionOptions::face_weight,
          "w_k of the brows, eyes, nose and mouth of a detailed face.");
    visit("contour_weight", &ReprojectionOptions::contour_weight, "w_k of the edge of a detailed face.");
  }
};

// Throws std::invalid_argument for numbers out of range, NaN among them.
inline void Check(const ReprojectionOptions& options) {
  CheckRange("reprojection.sigma", options.sigma, 1e-6, 1e9);
  CheckRange("reprojection.pixels_per_metre", options.pixels_per_metre, 0.0, 1e9);
  CheckRange("reprojection.shoulder_weight", options.shoulder_weight, 0.0, 1e9);
  CheckRange("reprojection.neck_weight", options.neck_weight, 0.0, 1e9);
  CheckRange("reprojection.hip_weight", options.hip_weight, 0.0, 1e9);
  CheckRange("reprojection.head_weight", options.head_weight, 0.0, 1e9);
  CheckRange("reprojection.limb_weight", options.limb_weight, 0.0, 1e9);
  CheckRange("reprojection.hand_weight", options.hand_weight, 0.0, 1e9);
  CheckRange("reprojection.face_weight", options.face_weight, 0.0, 1e9);
  CheckRange("reprojection.contour_weight", options.contour_weight, 0.0, 1e9);
}

template <typename CameraModel>
class Reprojection {
 public:
  static constexpr int kNumPoints = 1;
  static constexpr int kNumResiduals = 2;

  // factor = sqrt(weight) w_k c_k.
  Reprojection(const CameraModel& camera,
               const Eigen::Vector2d& keypoint,
               double factor,
               double unit,
               const ReprojectionOptions& options)
      : camera_(camera),
        keypoint_(keypoint),
        factor_(factor),
        unit_(unit),
        robust_(options.robust),
        sigma_(options.sigma),
        per_point_(options.per_point) {}

  // log_zoom: the camera's variable, zoom = exp(log_zoom).
  template <typename T>
  bool operator()(const T* point, const T* log_zoom, T* residuals) const {
    using std::exp;
    T uv[2];
    if (!camera_.Project(point, T(exp(log_zoom[0])), uv)) return false;
    const T ex = unit_ * (uv[0] - keypoint_.x());
    const T ey = unit_ * (uv[1] - keypoint_.y());
    if (per_point_) {
      const T factor = factor_ * RobustFactor(robust_, sigma_, T(ex * ex + ey * ey));
      residuals[0] = factor * ex;
      residuals[1] = factor * ey;
    } else {
      residuals[0] = factor_ * RobustFactor(robust_, sigma_, T(ex * ex)) * ex;
      residuals[1] = factor_ * RobustFactor(robust_, sigma_, T(ey * ey)) * ey;
    }
    return true;
  }

 private:
  CameraModel camera_;
  Eigen::Vector2d keypoint_;
  double factor_;
  double unit_;
  Robust robust_;
  double sigma_;
  bool per_point_;
};

}  // namespace smplceres
