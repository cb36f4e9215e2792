// One frame of a tracker's window: its scene, its objective, and the normal equations of parts of the
// objective.
#pragma once

#include <memory>
#include <vector>

#include "smplceres/equations/body_equations.h"
#include "smplceres/objective/objective.h"

namespace smplceres {

// True for terms re-added at every update of a tracker because no image produced them: they describe the
// person, not one frame.
bool IsReappliedPrior(const TermInfo& term);

// Parameters are the whole frame block and betas, even if the stage holds them constant,
// then the zooms that it frees.
struct ObservedFrame {
  ObservedFrame(const Stage& stage, const Scene& scene, double time, const Variables& start);

  double time;
  std::shared_ptr<const Scene> scene;
  std::shared_ptr<const Objective> objective;
  FreeSet parameters;                             // the objective's, plus the whole frame block and betas
  std::shared_ptr<BodyEquations> measurements;    // all terms except the reapplied priors
  std::shared_ptr<BodyEquations> pose_knowledge;  // priors on poses and collisions
};

}  // namespace smplceres
