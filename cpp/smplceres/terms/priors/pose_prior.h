// Prior on the body pose, a Gaussian (gaussian_prior.h) or a mixture (mixture_prior.h):
//
//   E = -weight log p, up to a constant.
#pragma once

#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kPosePriorTerm{"pose_prior", TermSource::kPose, 2.0};

struct PosePriorOptions {
  double weight = 0.0;
  bool from_zero = false;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &PosePriorOptions::weight, kWeightDoc);
    visit("from_zero",
          &PosePriorOptions::from_zero,
          "Subtract a mixture's energy at its most likely pose (c of mixture_prior.h).");
  }
};

}  // namespace smplceres
