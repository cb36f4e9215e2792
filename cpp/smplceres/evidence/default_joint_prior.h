// Distributions of the joints of the face, which pose priors do not cover.
#pragma once

#include <array>
#include <vector>

#include "smplceres/io/named_body.h"
#include "smplceres/terms/priors/joint_prior.h"

namespace smplceres {

// Of the axis-angle of a joint by its name, radians. The jaw opens by a positive angle about x.
struct NamedDistribution {
  const char* joint;
  std::array<double, 3> mean, sigma;
};
inline constexpr std::array<NamedDistribution, 3> kFaceJoints = {{
    {"jaw", {0.05, 0.0, 0.0}, {0.15, 0.03, 0.03}},
    {"left_eye_smplhf", {0.0, 0.0, 0.0}, {0.15, 0.25, 0.02}},
    {"right_eye_smplhf", {0.0, 0.0, 0.0}, {0.15, 0.25, 0.02}},
}};

// The number of joints that pose priors of fits cover, from the first on: all J; of a body whose fingers
// follow components, those of the body (kSharedJoints).
int NumPriorJoints(const BodyModel& model);
// Their numbers but those of the root.
int NumPriorAngles(const BodyModel& model);

// Of the joints that have angles of their own and that the pose prior does not cover.
std::vector<JointDistribution> DefaultJointPrior(const NamedBody& body);

}  // namespace smplceres
