#include "smplceres/evidence/lifting.h"

#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace smplceres {
namespace {

constexpr std::size_t kMinSeen = 4;
// A weak perspective camera sees a person of q metres as a distant pinhole camera does: this far away.
constexpr double kDistance = 100.0;

}  // namespace

Lifting::Lifting(std::shared_ptr<const Lifter> lifter,
                 const View& view,
                 const std::vector<int>& slots,
                 double sigma_px,
                 bool focal_guessed)
    : lifter_(std::move(lifter)) {
  const std::size_t count = view.point_of_keypoint.size(), known = lifter_->slots().size();
  if (slots.size() != count)
    throw std::invalid_argument("slots: expected one per keypoint, " + std::to_string(count) + ", got " +
                                std::to_string(slots.size()));
  for (const int slot : slots)
    if (slot < -1 || slot >= static_cast<int>(known))
      throw std::invalid_argument("slots: expected -1 to " + std::to_string(known - 1) + ", got " +
                                  std::to_string(slot));
  const auto* pinhole = std::get_if<Pinhole>(&view.camera);
  const double unit = pinhole != nullptr ? std::sqrt(pinhole->fx * pinhole->fy)
                                         : std::get<WeakPerspective>(view.camera).scale * kDistance;
  focal_known_ = pinhole != nullptr && pinhole->focal_known && !focal_guessed;
  noise_ = sigma_px / unit;
  for (const int k : view.Visible()) {
    const int slot = slots[static_cast<std::size_t>(k)];
    const Eigen::Vector2d pixel = view.keypoints.row(k).transpose();
    if (slot < 0) continue;
    Eigen::Vector2d ray =
        std::visit([&](const auto& camera) { return camera.Normalise(pixel); }, view.camera);
    if (pinhole == nullptr) ray /= kDistance;
    seen_.push_back({slot, ray, view.confidence[k]});
  }
}

const LiftedBody* Lifting::Body() const {
  if (seen_.size() < kMinSeen) return nullptr;
  std::call_once(once_, [this] { Compute(); });
  return body_.get();
}

void Lifting::Compute() const {
  const LifterInput made(lifter_->slots().size(), seen_, focal_known_, noise_);
  auto body = std::make_unique<LiftedBody>(lifter_->Lift(made.input));
  body->root = made.rotation.transpose() * body->root;
  body_ = std::move(body);
}

}  // namespace smplceres
