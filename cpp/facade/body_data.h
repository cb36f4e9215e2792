// The data of the facade's Body.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "smplceres/body.h"
#include "smplceres/evidence/keypoint_points.h"
#include "smplceres/evidence/priors.h"
#include "smplceres/io/named_body.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

// The points of keypoint formats on a body, computed once per format.
class FormatPoints {
 public:
  // format: name or alias. Throws std::invalid_argument as MakeKeypointPoints.
  const KeypointPoints& Of(const NamedBody& body, const std::string& format);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<const KeypointPoints>> points_;
};

struct Body::Data {
  NamedBody body;
  Priors priors;
  Eigen::VectorXd start_pose;  // 3 (J - 1), radians
  mutable FormatPoints points;
};

BodyParameters ParametersOf(const Variables& variables);

// The coefficients of all shape directions: betas, and zero for those of a frame, which files of bodies do
// not have.
Eigen::VectorXd ShapeOf(const BodyModel& model, const Eigen::VectorXd& betas);

}  // namespace smplceres
