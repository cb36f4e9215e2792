// The body that the network predicts for an image (lift/lifter.h), computed when it is first asked for.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "smplceres/evidence/view.h"
#include "smplceres/lift/lifter.h"
#include "smplceres/lift/lifter_input.h"

namespace smplceres {

// The prediction in the axes of the camera.
class Lifting {
 public:
  // slots: K, of the view's keypoints; -1: the network does not know the location. sigma_px: the noise of a
  // coordinate of confidence 1; 0: unknown. focal_guessed: the network does not rely on the focal lengths of
  // the view, as if a fit estimated them. Throws std::invalid_argument for slots that do not fit.
  Lifting(std::shared_ptr<const Lifter> lifter,
          const View& view,
          const std::vector<int>& slots,
          double sigma_px,
          bool focal_guessed);

  // Null if too few keypoints are visible that the network knows. Threads may call it at the same time.
  const LiftedBody* Body() const;

 private:
  void Compute() const;

  std::shared_ptr<const Lifter> lifter_;
  std::vector<LifterInput::Seen> seen_;
  bool focal_known_;
  double noise_;  // of a ray's coordinate
  mutable std::once_flag once_;
  mutable std::unique_ptr<const LiftedBody> body_;
};

}  // namespace smplceres
