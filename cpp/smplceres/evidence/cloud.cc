#include "smplceres/evidence/cloud.h"

#include <stdexcept>
#include <string>

#include "smplceres/base/check.h"

namespace smplceres {
namespace {

constexpr double kMaxCoordinate = 1e6;  // metres
constexpr double kMaxConfidence = 1e6;

}  // namespace

void Cloud::Check() const {
  const Eigen::Index N = points.rows();
  if (N < 1) throw std::invalid_argument("points: expected at least one, got none");
  if (points.cols() != 3 || confidence.size() != N || (normals.rows() != 0 && normals.rows() != N))
    throw std::invalid_argument("points, normals, confidence: expected " + std::to_string(N) +
                                " of each, got " + std::to_string(normals.rows()) + " normals and " +
                                std::to_string(confidence.size()) + " confidences");
  if (!(points.array().abs() <= kMaxCoordinate).all())
    throw std::invalid_argument("points: expected metres within +-1e6, got others or NaN");
  if (!(confidence.array() > 0.0).all() || !(confidence.array() <= kMaxConfidence).all())
    throw std::invalid_argument("confidence: expected numbers over 0 to 1e6, got others or NaN");
  if (normals.rows() > 0 && !((normals.rowwise().norm().array() - 1.0).abs() <= 1e-6).all())
    throw std::invalid_argument("normals: expected vectors of length 1, got others or NaN");
  if (sensor && !sensor->allFinite())
    throw std::invalid_argument("sensor: expected a finite position, got NaN or infinity");
  CheckPositive("sigma", sigma);
}

}  // namespace smplceres
