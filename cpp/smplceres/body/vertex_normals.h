// Normals of a mesh's vertices.
#pragma once

#include "smplceres/body/body_model.h"

namespace smplceres {

// V x 3, unit vectors: the normals of the adjacent faces, averaged by area; 0 for a vertex without a face.
// vertices: V x 3; faces: F x 3, counter-clockwise seen from outside.
RowMatrix VertexNormals(const RowMatrix& vertices, const RowMatrixI& faces);

}  // namespace smplceres
