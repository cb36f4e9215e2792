#include "smplceres/io/named_body.h"

#include <algorithm>

namespace smplceres {

int NamedBody::Joint(const std::string& joint) const {
  const auto found = std::find(joint_names.begin(), joint_names.end(), joint);
  return found == joint_names.end() ? -1 : static_cast<int>(found - joint_names.begin());
}

const Landmark* NamedBody::FindLandmark(const std::string& landmark) const {
  for (const Landmark& each : landmarks)
    if (each.name == landmark) return &each;
  return nullptr;
}

}  // namespace smplceres
