// Options of the prior on the body pose, a Gaussian (gaussian_prior.h) or a mixture (mixture_prior.h).
#pragma once

#include "smplceres/terms/term.h"

namespace smplceres {

// E = -weight log p, up to a constant.
inline constexpr TermInfo kPosePriorTerm{"pose_prior", TermSource::kPose, 2.0};

struct PosePriorOptions {
  double weight = 0.0;
  bool from_zero = false;  // subtract a mixture's energy at its most likely pose (c of mixture_prior.h)

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &PosePriorOptions::weight);
    visit("from_zero", &PosePriorOptions::from_zero);
  }
};

}  // namespace smplceres
