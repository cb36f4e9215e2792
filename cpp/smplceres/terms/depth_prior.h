// The body stays near the depth at which it was put at first.
//
//   E = weight (z(t) - z(t_0))^2,     z(t) = (R t)_z
//
//   t, t_0   the body's translation, now and as initialised (metres);  R rotation of cam_from_world
//
// Residual: 1 row. Depth and size are coupled in one picture: while the limbs are not posed yet,
// foreshortened torsos would push the body away. Reference: SMPLify's camera stage, residual weight 100.
// Under weak perspective, whose picture does not change with depth, it holds the depth that nothing else
// does.
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
    visit("weight", &DepthPriorOptions::weight);
  }
};

// The weight under weak perspective where a stage gives none. Any would do: no residual disagrees.
constexpr double kGaugeWeight = 1.0;

// Over the block that holds transl.
std::unique_ptr<ceres::CostFunction> MakeDepthPriorCost(double weight,
                                                        const CamFromWorld& cam_from_world,
                                                        const Eigen::Vector3d& initial_transl,
                                                        Slice transl);

}  // namespace smplceres
