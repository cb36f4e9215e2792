// Which points of a measured surface are matched with which vertices of a body at a state.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/evidence/cloud.h"
#include "smplceres/terms/cloud.h"

namespace smplceres {

struct CloudMatch {
  int point;
  int vertex;
  Eigen::Vector3d normal;  // the body's at the vertex, outward, unit length
};

// Matches in the order of points: each point within the gate with the nearest vertex that the sensor sees
// and whose normal is within max_turn of the point's. The sensor sees the corners of those faces that a
// z-buffer of the body has seen from its place (all around it, should it look another way), turned towards
// it; without a sensor all vertices are seen. At most options.max_points. `vertices`: of the body, V x 3,
// metres, world.
std::vector<CloudMatch> MatchCloud(const BodyModel& model,
                                   const Cloud& cloud,
                                   const CloudOptions& options,
                                   const RowMatrix& vertices);

}  // namespace smplceres
