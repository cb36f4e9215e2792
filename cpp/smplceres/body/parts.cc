#include "smplceres/body/parts.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <iterator>

namespace smplceres {
namespace {

// Source: Loper et al. 2015, the model files.
constexpr int kSmplParents[22] = {-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19};
// Pairs of spine1, spine2 or spine3 with left_shoulder or right_shoulder.
constexpr int kSmplArmPits[6][2] = {{3, 16}, {3, 17}, {6, 16}, {6, 17}, {9, 16}, {9, 17}};

}  // namespace

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

bool IsSmplTree(const std::vector<int>& parents) {
  return parents.size() >= std::size(kSmplParents) &&
         std::equal(std::begin(kSmplParents), std::end(kSmplParents), parents.begin());
}

bool AlwaysTouch(const std::vector<int>& parents, int a, int b) {
  if (a > b) std::swap(a, b);
  if (a == b || parents[static_cast<size_t>(b)] == a) return true;
  return IsSmplTree(parents) &&
         std::any_of(std::begin(kSmplArmPits), std::end(kSmplArmPits), [&](const int(&pair)[2]) {
           return pair[0] == a && pair[1] == b;
         });
}

}  // namespace smplceres
