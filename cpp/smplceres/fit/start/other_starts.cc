#include "smplceres/fit/start/other_starts.h"

#include <iterator>
#include <memory>
#include <utility>
#include <variant>

namespace smplceres {
namespace {

constexpr double kBend = 1.05;  // radians: 60 degrees
// Numbers of facing directions. Of 6,000 poses of training motions with 3 px of noise, 57 have errors above
// 150 mm from one start, 28 with depth flips, 22 or 23 with four or two facings of each mean as well, and 23
// without the bent pose.
constexpr int kFacingsOfMean = 2, kFacingsOfBent = 4;
constexpr int kHips[] = {1, 2};  // joints of SMPL's tree

}  // namespace

std::vector<State> OtherStarts(const Scene& scene, const Eigen::VectorXd& start_pose) {
  std::vector<State> starts;
  const auto add = [&](const Eigen::VectorXd& pose, int facings, double pitch) {
    std::vector<State> facing = Initialise(scene, pose, facings, pitch);
    std::move(facing.begin(), facing.end(), std::back_inserter(starts));
  };
  if (const auto* mixture = std::get_if<std::shared_ptr<MixturePrior>>(&scene.priors.pose))
    for (const GaussianPrior& component : (*mixture)->components) {
      Eigen::VectorXd mean = start_pose;
      mean.head(component.mean.size()) = component.mean;
      add(mean, kFacingsOfMean, 0.0);
    }
  Eigen::VectorXd bent = start_pose;
  for (const int hip : kHips) bent[3 * (hip - 1)] -= kBend;
  add(bent, kFacingsOfBent, kBend);
  return starts;
}

}  // namespace smplceres
