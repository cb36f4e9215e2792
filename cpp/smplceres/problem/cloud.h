// A surface measured as points, and which of its points are laid on which vertices of a body.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/problem/variables.h"
#include "smplceres/terms/cloud.h"

namespace smplceres {

struct Cloud {
  // Throws std::invalid_argument naming what is wrong: sizes, no points, NaN, numbers out of range.
  void Check() const;

  RowMatrix points;                       // N x 3, metres, world
  RowMatrix normals;                      // N x 3, outward unit vectors, world; 0 x 3: not known
  Eigen::VectorXd confidence;             // N, > 0
  std::optional<Eigen::Vector3d> sensor;  // where it was seen from (world); none: from all around
  double sigma = 0.01;                    // standard deviation at confidence 1, metres
};

struct CloudMatch {
  int point;
  int vertex;
  Eigen::Vector3d normal;  // the body's at the vertex, outward, unit length
};

// Matches in the order of points: each point within the gate with the nearest vertex that the sensor sees
// and whose normal is within max_turn of the point's. The sensor sees the corners of those faces that a
// z-buffer of the body has seen from its place (all around it, should it look another way), turned towards
// it; without a sensor all vertices are seen. At most options.max_points.
std::vector<CloudMatch> MatchCloud(const BodyModel& model,
                                   const Cloud& cloud,
                                   const CloudOptions& options,
                                   const Variables& variables);

}  // namespace smplceres
