// The body stays near its initial depth.
//
//   E = weight (z(t) - z(t_0))^2,     z(t) = (R t)_z
//
//   t, t_0   the body's translation and its initial estimate (metres);  R rotation of cam_from_world
//
// Residual: 1 row. Depth and size are coupled in a single image: before the limbs are posed, a foreshortened
// torso would push the body away. Reference: SMPLify's camera stage, residual weight 100. Under weak
// perspective no observation constrains depth, and this term fixes the gauge.
#pragma once

#include <Eigen/Core>
#include <memory>

#include "ceres/cost_function.h"
#include "smplceres/camera/cam_from_world.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kDepthPriorTerm{"depth_prior", TermSource::kPlace, 0.0};

struct DepthPriorOptions {
  double weight = 0.0;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight",
          &DepthPriorOptions::weight,
          "Factor on the energy, >= 0; 0 leaves the term out, except under weak perspective: there the "
          "weight is "
          "then 1, unless points measured in space determine the depth.");
  }
};

// The weight under weak perspective if the stage's is 0. Any positive value works, since no other residual
// depends on depth.
constexpr double kGaugeWeight = 1.0;

// A cost of the block that holds transl.
std::unique_ptr<ceres::CostFunction> MakeDepthPriorCost(double weight,
                                                        const CamFromWorld& cam_from_world,
                                                        const Eigen::Vector3d& initial_transl,
                                                        Slice transl);

}  // namespace smplceres
