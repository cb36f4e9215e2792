// What the priors on the body pose share: Gaussian (gaussian_prior.h) or mixture (mixture_prior.h).
#pragma once

#include "smplceres/terms/term.h"

namespace smplceres {

// E = -weight log p, up to a constant.
inline constexpr TermInfo kPosePriorTerm{"pose_prior", TermSource::kPose, 2.0};

struct PosePriorOptions {
  double weight = 0.0;
  bool from_zero = false;  // of a mixture: without the constant, its energy at the likeliest pose

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &PosePriorOptions::weight);
    visit("from_zero", &PosePriorOptions::from_zero);
  }
};

}  // namespace smplceres
