// From the keypoints of one person to a body.
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
  std::string preset = "default";  // or "smplify", the published objective and schedule
  // Facing directions tried, 1 to 1000. 0: one, and where its fit looks doubtful other starts as well.
  int starts = 0;
  double sigma_px = 0.0;  // noise of a coordinate of confidence 1, pixels; 0: estimated from the residuals
  Eigen::VectorXd betas;  // B of a known person, held; empty: estimated
  int threads = 0;        // 0: as many as there are cores; the result is the same for any number
  double max_time = std::numeric_limits<double>::infinity();  // seconds
};

// Places are in the world of the camera: its own frame where it has no rotation and translation.
struct FitResult : BodyParameters {
  Rows3 joints;                        // J x 3, metres
  std::vector<PinholeCamera> cameras;  // one per view, with the focal lengths that were found
  std::vector<Rows2> keypoints2d;      // K x 2 per view: the body's keypoints, pixels; NaN where it has none
  std::map<std::string, double> energies;  // sum |r|^2 of each term of the last stage
  bool converged = false;
  std::string message;
  int num_starts = 0;     // that were tried
  double sigma_px = 0.0;  // noise that the weights were balanced for, pixels; 0: none
};

// One image. Throws std::invalid_argument for input that cannot be fitted, naming the argument, what was
// expected and what came. A fit that does not converge is no error: the best state, with `converged` false.
SMPLCERES_EXPORT FitResult FitKeypoints(const Body& body,
                                        const Keypoints& keypoints,
                                        const PinholeCamera& camera,
                                        const FitSettings& settings = {});

// Several images of one person, taken at once by cameras in one world. A camera that did not see the person
// has keypoints of confidence 0.
SMPLCERES_EXPORT FitResult FitKeypoints(const Body& body,
                                        const std::vector<Keypoints>& keypoints,
                                        const std::vector<PinholeCamera>& cameras,
                                        const FitSettings& settings = {});

}  // namespace smplceres
