// The vertices of the posed body.
#pragma once

#include "smplceres/body/mesh.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

// V x 3, metres, world.
inline RowMatrix PosedVertices(const BodyModel& model, const Variables& variables) {
  Kinematics<double> kinematics;
  kinematics.Compute(model,
                     variables.RootRotation(),
                     variables.BodyPose().data(),
                     variables.betas.data(),
                     variables.Transl().data());
  RowMatrix vertices;
  model.mesh<double>().Evaluate(kinematics, variables.betas, &vertices);
  return vertices;
}

}  // namespace smplceres
