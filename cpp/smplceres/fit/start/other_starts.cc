#include "smplceres/fit/start/other_starts.h"

#include <iterator>
#include <memory>
#include <utility>
#include <variant>

namespace smplceres {
namespace {

constexpr double kBend = 1.05;  // radians: 60 degrees
// Facing directions of each. Of 6,000 training motions with 3 px of noise 57 are off by more than 150 mm from
// one start; 28 of them stay so with depth flips, 22 or 23 with four or two directions of each mean, 23
// without the bent ones.
constexpr int kOfMean = 2, kOfBent = 4;
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
      add(mean, kOfMean, 0.0);
    }
  Eigen::VectorXd bent = start_pose;
  for (const int hip : kHips) bent[3 * (hip - 1)] -= kBend;
  add(bent, kOfBent, kBend);
  return starts;
}

}  // namespace smplceres
