// From the keypoints of one person in all frames of a clip to one shape and smooth motion.
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
  Eigen::VectorXd betas;  // B of a known person, held; empty: estimated
  int window = 240;       // frames that are solved together, >= 60
  int threads = 0;        // 0: as many as there are cores; the result is the same for any number
};

struct ClipResult {
  std::vector<BodyParameters> frames;      // all with the same betas
  std::vector<Rows3> joints;               // J x 3 of each frame, metres
  PinholeCamera camera;                    // with the focal length that was found
  std::map<std::string, double> energies;  // sum |r|^2 of each term of the last stage, all frames together
  bool converged = false;
};

// keypoints: of each frame, in one format; confidence 0 throughout where nobody was found: such frames follow
// from their neighbours. times: seconds, ascending. Throws std::invalid_argument for input that cannot be
// fitted.
SMPLCERES_EXPORT ClipResult FitKeypointClip(const Body& body,
                                            const std::vector<Keypoints>& keypoints,
                                            const std::vector<double>& times,
                                            const PinholeCamera& camera,
                                            const ClipSettings& settings = {});

}  // namespace smplceres
