// Fits a body to the keypoints of one person.
#pragma once

#include <Eigen/Core>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "smplceres/body.h"
#include "smplceres/camera.h"
#include "smplceres/export.h"
#include "smplceres/keypoints.h"

namespace smplceres {

struct FitSettings {
  // "default"; "whole-body", which is the default of a body with hands where fingers or a face are seen;
  // "smplify" or "smplify-x", the published objectives and schedules.
  std::string preset = "default";
  // Number of initial facing directions, 1 to 1000. 0: one, and other starts if its fit is doubtful.
  int starts = 0;
  double sigma_px = 0.0;  // noise of a coordinate of confidence 1, pixels; 0: estimated from the residuals
  Eigen::VectorXd betas;  // B, constant betas of a known person; empty: estimated
  int threads = 0;        // 0: number of cores; results are identical for any number
  double max_time = std::numeric_limits<double>::infinity();  // seconds
};

// Positions are in the world frame of the cameras, which is the camera frame of a camera without
// rotation and translation.
struct FitResult : BodyParameters {
  Rows3 joints;                        // J x 3, metres
  std::vector<PinholeCamera> cameras;  // one per view, with estimated focal lengths
  std::vector<Rows2> keypoints2d;  // K x 2 per view: projected keypoints, pixels; NaN if the body has none
  std::map<std::string, double> energies;  // sum |r|^2 of each term of the last stage
  bool converged = false;
  std::string message;
  int num_starts = 0;     // number of starts tried
  double sigma_px = 0.0;  // noise used to balance the weights, pixels; 0: none
};

// Fits one image. Throws std::invalid_argument for input that cannot be fitted, with a message that names
// the argument, the expected value and the given one. A fit that does not converge returns the best
// state, with `converged` false.
SMPLCERES_EXPORT FitResult FitKeypoints(const Body& body,
                                        const Keypoints& keypoints,
                                        const PinholeCamera& camera,
                                        const FitSettings& settings = {});

// Fits several simultaneous images of one person, from cameras with a common world frame. A camera that does
// not see the person has keypoints of confidence 0.
SMPLCERES_EXPORT FitResult FitKeypoints(const Body& body,
                                        const std::vector<Keypoints>& keypoints,
                                        const std::vector<PinholeCamera>& cameras,
                                        const FitSettings& settings = {});

}  // namespace smplceres
