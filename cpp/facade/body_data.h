// The data of the facade's Body.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "smplceres/body.h"
#include "smplceres/evidence/keypoint_points.h"
#include "smplceres/evidence/priors.h"
#include "smplceres/io/named_body.h"
#include "smplceres/lift/lifter.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

// A keypoint format on a body: its points, and the slots of the network for them (Lifter::SlotOf).
struct FormatOnBody {
  KeypointPoints points;
  std::vector<int> slots;
};

// Computed once per format.
class FormatsOnBody {
 public:
  // format: name or alias. Throws std::invalid_argument as MakeKeypointPoints.
  const FormatOnBody& Of(const NamedBody& body, const Lifter& lifter, const std::string& format);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<const FormatOnBody>> formats_;
};

struct Body::Data {
  NamedBody body;
  Priors priors;
  Eigen::VectorXd start_pose;  // 3 (J - 1), radians
  std::shared_ptr<const Lifter> lifter;
  mutable FormatsOnBody formats;
};

BodyParameters ParametersOf(const Variables& variables);

// The coefficients of all shape directions: betas, and those of a frame, zero where they are not given.
// Throws std::invalid_argument for coefficients that the body does not have.
Eigen::VectorXd ShapeOf(const BodyModel& model, const BodyParameters& parameters);

}  // namespace smplceres
