// The Jacobian of skinned points with respect to the variables of one body.
#pragma once

#include "smplceres/body/skinned_points.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

// Positions (N x 3, metres) and their Jacobian, 3N x (F + B) in the columns [ frame | betas ]. The root's
// columns are those of a rotation vector in world axes, which turns the body about its pelvis.
struct LinearizedPoints {
  RowMatrix positions;
  RowMatrix jacobian;
};
LinearizedPoints LinearizePoints(const BodyModel& model, const SkinnedPoints& points, const Variables& at);

}  // namespace smplceres
