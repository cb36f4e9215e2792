// The surface cut into parts, one per joint, and how far joints are from one another in the tree.
//
// A vertex belongs to the joint that carries most of it, a face to the joint that carries most of its three
// corners together.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "smplceres/body/body_model.h"

namespace smplceres {

std::vector<int> PartOfVertices(const BodyModel& model);  // V joints
std::vector<int> PartOfFaces(const BodyModel& model);     // F joints

// A third of the area of the faces about each vertex at rest, square metres: V.
Eigen::VectorXd VertexAreas(const BodyModel& model);

// Steps from joint a to joint b.
int TreeDistance(const std::vector<int>& parents, int a, int b);

}  // namespace smplceres
