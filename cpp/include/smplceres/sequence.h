// Fits one shape and smooth motion to the keypoints of one person in all frames of a clip.
#pragma once

#include <Eigen/Core>
#include <map>
#include <string>
#include <vector>

#include "smplceres/body.h"
#include "smplceres/camera.h"
#include "smplceres/export.h"
#include "smplceres/keypoints.h"

namespace smplceres {

struct ClipSettings {
  Eigen::VectorXd betas;  // B, constant betas of a known person; empty: estimated
  int window = 240;       // maximum number of frames solved together, >= 60
  int threads = 0;        // 0: number of cores; results are identical for any number
};

struct ClipResult {
  std::vector<BodyParameters> frames;      // all with the same betas
  std::vector<Rows3> joints;               // J x 3 of each frame, metres
  PinholeCamera camera;                    // with the estimated focal length
  std::map<std::string, double> energies;  // sum |r|^2 of each term of the last stage, all frames together
  bool converged = false;
};

// keypoints: one per frame, in one format. Frames in which all confidences are 0 are interpolated from their
// neighbours. times: seconds, ascending. Throws std::invalid_argument for input that cannot be fitted.
SMPLCERES_EXPORT ClipResult FitKeypointClip(const Body& body,
                                            const std::vector<Keypoints>& keypoints,
                                            const std::vector<double>& times,
                                            const PinholeCamera& camera,
                                            const ClipSettings& settings = {});

}  // namespace smplceres
