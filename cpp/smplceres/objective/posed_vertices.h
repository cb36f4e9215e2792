// The vertices of the posed body.
#pragma once

#include "smplceres/body/mesh.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

// V x 3, metres, world.
inline RowMatrix PosedVertices(const BodyModel& model, const Variables& variables) {
  RowMatrix vertices;
  model.mesh<double>().Evaluate(variables.Posed(model), variables.Shape(), &vertices);
  return vertices;
}

}  // namespace smplceres
