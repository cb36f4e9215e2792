#include "smplceres/body/vertex_normals.h"

#include <Eigen/Geometry>

namespace smplceres {

RowMatrix VertexNormals(const RowMatrix& vertices, const RowMatrixI& faces) {
  RowMatrix normals = RowMatrix::Zero(vertices.rows(), 3);
  for (Eigen::Index f = 0; f < faces.rows(); ++f) {
    const Eigen::RowVector3d a = vertices.row(faces(f, 0));
    const Eigen::RowVector3d b = vertices.row(faces(f, 1)), c = vertices.row(faces(f, 2));
    const Eigen::RowVector3d normal = Eigen::RowVector3d(b - a).cross(Eigen::RowVector3d(c - a));
    for (int i = 0; i < 3; ++i) normals.row(faces(f, i)) += normal;
  }
  for (Eigen::Index v = 0; v < normals.rows(); ++v) {
    const double length = normals.row(v).norm();
    if (length > 0.0) normals.row(v) /= length;
  }
  return normals;
}

}  // namespace smplceres
