// A surface measured as points.
#pragma once

#include <Eigen/Core>
#include <optional>

#include "smplceres/body/body_model.h"

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

}  // namespace smplceres
