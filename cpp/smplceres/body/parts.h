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

// The tree begins with SMPL's first 22 joints, as those of SMPL-H and SMPL-X do.
bool IsSmplTree(const std::vector<int>& parents);

// Parts that touch by nature, whose contact is no collision: of one joint, of a joint and its parent, whose
// skin folds where they bend; and in SMPL's tree the upper arms with spine2 and spine3: a hanging arm lies in
// the arm pit. Source of the latter: SMPLify-X's configuration, which leaves the same pairs out
// (ign_part_pairs; it leaves out the thighs as well, which here may collide away from the crotch).
bool TouchByNature(const std::vector<int>& parents, int a, int b);

}  // namespace smplceres
