// A body whose joints and landmarks have names.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "smplceres/body/body_model.h"

namespace smplceres {

// A point on the skin: the sum of weights x vertices, which sum to 1.
struct Landmark {
  std::string name;
  std::vector<int> vertices;
  std::vector<double> weights;
};

struct NamedBody {
  std::string name;
  std::shared_ptr<const BodyModel> model;
  std::vector<std::string> joint_names;  // J
  std::vector<Landmark> landmarks;

  // -1 or null if the body has none of that name.
  int Joint(const std::string& joint) const;
  const Landmark* FindLandmark(const std::string& landmark) const;
};

}  // namespace smplceres
