#include "smplceres/lift/lifter_input.h"

#include <algorithm>
#include <cmath>

namespace smplceres {
namespace {

constexpr double kLargest = 5.0;        // of |u / q|
constexpr double kTypicalSize = 0.1;    // of q
constexpr double kMinDepth = 0.1;       // of Z, as a clamp
constexpr double kMinSize = 1e-6;       // of q
constexpr double kMinNoise = 1e-4;      // of noise / q
constexpr double kTypicalNoise = -3.0;  // of log(noise / q)

double LowerMedian(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Eigen::Matrix3d TurnOntoAxis(const Eigen::Vector2d& centre) {
  const Eigen::Vector3d d = Eigen::Vector3d(centre.x(), centre.y(), 1.0).normalized();
  const double x = d.x(), y = d.y(), k = 1.0 / (1.0 + d.z());
  Eigen::Matrix3d rotation;
  rotation << 1.0 - x * x * k, -x * y * k, -x, -x * y * k, 1.0 - y * y * k, -y, x, y, d.z();
  return rotation;
}

}  // namespace

LifterInput::LifterInput(std::size_t num_slots,
                         const std::vector<Seen>& seen,
                         bool focal_known,
                         double noise) {
  std::vector<double> xs, ys, sizes;
  for (const Seen& keypoint : seen) {
    xs.push_back(keypoint.ray.x());
    ys.push_back(keypoint.ray.y());
  }
  rotation = TurnOntoAxis({LowerMedian(std::move(xs)), LowerMedian(std::move(ys))});
  std::vector<Eigen::Vector2d> u;
  for (const Seen& keypoint : seen) {
    const Eigen::Vector3d turned = rotation * Eigen::Vector3d(keypoint.ray.x(), keypoint.ray.y(), 1.0);
    u.push_back(turned.head<2>() / std::max(turned.z(), kMinDepth));
    sizes.push_back(u.back().norm());
  }
  const double q = std::max(LowerMedian(std::move(sizes)), kMinSize);

  const auto slots = static_cast<Eigen::Index>(num_slots);
  input.setZero(SizeOf(num_slots));
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const Eigen::Index slot = seen[i].slot;
    if (input[2 * slots + slot] > 0.0f) continue;
    const Eigen::Vector2d scaled = (u[i] / q).cwiseMax(-kLargest).cwiseMin(kLargest);
    input.segment<2>(2 * slot) = scaled.cast<float>();
    input[2 * slots + slot] = static_cast<float>(std::min(seen[i].confidence, 1.0));
  }
  auto further = input.tail<4>();
  if (focal_known) further.head<2>() << static_cast<float>(std::log(q / kTypicalSize)), 1.0f;
  if (noise > 0.0)
    further.tail<2>() << static_cast<float>(std::log(std::max(noise / q, kMinNoise)) - kTypicalNoise), 1.0f;
}

}  // namespace smplceres
