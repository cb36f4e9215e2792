// A point cloud measured on the person's surface.
#pragma once

#include <Eigen/Core>
#include <optional>

#include "smplceres/body/body_model.h"

namespace smplceres {

struct Cloud {
  // Throws std::invalid_argument for sizes that disagree, no points, NaN and numbers out of range.
  void Check() const;

  RowMatrix points;            // N x 3, metres, world
  RowMatrix normals;           // N x 3, outward unit vectors, world; 0 x 3 if unknown
  Eigen::VectorXd confidence;  // N, > 0
  std::optional<Eigen::Vector3d>
      sensor;           // position of the sensor (metres, world); none: visible from all sides
  double sigma = 0.01;  // standard deviation at confidence 1, metres
};

}  // namespace smplceres
