// One frame of a tracker's window: its scene, its objective, and the normal equations of the objective's
// parts.
#pragma once

#include <memory>
#include <vector>

#include "smplceres/equations/body_equations.h"
#include "smplceres/objective/objective.h"

namespace smplceres {

// True for terms that are re-added at every update of a tracker because no image produced them: they hold of
// the person, not of one frame.
bool IsReappliedPrior(const TermInfo& term);

// Parameters are the whole frame block and betas, whether the stage frees them or not, then the zooms that it
// frees.
struct ObservedFrame {
  ObservedFrame(const Stage& stage, const Scene& scene, double time, const Variables& start);

  double time;
  std::shared_ptr<const Scene> scene;
  std::shared_ptr<const Objective> objective;
  FreeSet parameters;                             // as of the objective, with the whole frame block and betas
  std::shared_ptr<BodyEquations> measurements;    // of all terms but the reapplied priors
  std::shared_ptr<BodyEquations> pose_knowledge;  // of priors on poses and of collisions
};

}  // namespace smplceres
