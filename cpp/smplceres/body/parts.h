// Divides the surface into parts, one per joint.
//
// A vertex belongs to the joint with its largest skinning weight, a face to the joint with the largest sum of
// weights over its corners.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "smplceres/body/body_model.h"

namespace smplceres {

std::vector<int> PartOfVertices(const BodyModel& model);  // V joints
std::vector<int> PartOfFaces(const BodyModel& model);     // F joints

// V: a third of the area of the faces around each vertex at rest, square metres.
Eigen::VectorXd VertexAreas(const BodyModel& model);

// Whether the tree begins with SMPL's first 22 joints, as those of SMPL-H and SMPL-X do.
bool IsSmplTree(const std::vector<int>& parents);

// Whether two parts always touch, so that their contact is no collision: a joint with itself, a joint with
// its parent, and in SMPL's tree the upper arms with spine1, spine2 and spine3 (the arm pits). Reference for
// the last two: SMPLify-X's configuration (ign_part_pairs), which also excludes the thighs; here those may
// collide away from the crotch. spine1 is excluded because its part may reach the arm pits: on the built-in
// body its weights exceed those of spine2 by a few hundredths up to there, and hanging arms are inside it in
// most recorded poses.
bool AlwaysTouch(const std::vector<int>& parents, int a, int b);

}  // namespace smplceres
