// Matches points of a measured cloud with vertices of the posed body.
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
  Eigen::Vector3d normal;  // outward unit normal of the body at the vertex
};

// Matches each point with the nearest visible vertex that is within the gate and whose normal is within
// max_turn of the point's. A vertex is visible if it faces the sensor and belongs to a face that a z-buffer
// from the sensor's position shows; without a sensor all vertices are visible. Returns at most
// options.max_points matches, in the order of points. vertices: V x 3, metres, world.
std::vector<CloudMatch> MatchCloud(const BodyModel& model,
                                   const Cloud& cloud,
                                   const CloudOptions& options,
                                   const RowMatrix& vertices);

}  // namespace smplceres
