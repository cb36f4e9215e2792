#include "smplceres/body/parts.h"

#include <Eigen/Geometry>

namespace smplceres {

std::vector<int> PartOfVertices(const BodyModel& model) {
  std::vector<int> parts(static_cast<size_t>(model.num_vertices()));
  for (int v = 0; v < model.num_vertices(); ++v)
    model.lbs_weights().row(v).maxCoeff(&parts[static_cast<size_t>(v)]);
  return parts;
}

std::vector<int> PartOfFaces(const BodyModel& model) {
  const RowMatrix& weights = model.lbs_weights();
  std::vector<int> parts(static_cast<size_t>(model.faces().rows()));
  for (Eigen::Index f = 0; f < model.faces().rows(); ++f) {
    const auto face = model.faces().row(f);
    (weights.row(face[0]) + weights.row(face[1]) + weights.row(face[2]))
        .maxCoeff(&parts[static_cast<size_t>(f)]);
  }
  return parts;
}

Eigen::VectorXd VertexAreas(const BodyModel& model) {
  Eigen::VectorXd areas = Eigen::VectorXd::Zero(model.num_vertices());
  for (Eigen::Index f = 0; f < model.faces().rows(); ++f) {
    const auto face = model.faces().row(f);
    const Eigen::RowVector3d a = model.v_template().row(face[0]);
    const Eigen::RowVector3d ab = model.v_template().row(face[1]) - a;
    const Eigen::RowVector3d ac = model.v_template().row(face[2]) - a;
    for (int corner = 0; corner < 3; ++corner) areas[face[corner]] += ab.cross(ac).norm() / 6.0;
  }
  return areas;
}

int TreeDistance(const std::vector<int>& parents, int a, int b) {
  int steps = 0;
  for (; a != b; ++steps) {  // parents have smaller numbers: the larger one climbs
    int& larger = a > b ? a : b;
    larger = parents[static_cast<size_t>(larger)];
  }
  return steps;
}

}  // namespace smplceres
