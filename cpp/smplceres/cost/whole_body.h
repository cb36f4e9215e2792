// Automatic differentiation through the kinematics (ceres::DynamicAutoDiffCostFunction), the reference for
// the analytic Jacobians of points.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "ceres/dynamic_autodiff_cost_function.h"
#include "smplceres/cost/frame_kinematics.h"
#include "smplceres/terms/point_term.h"

namespace smplceres {

inline double WithoutDerivative(double x) { return x; }
inline WholeBodyJet WithoutDerivative(const WholeBodyJet& x) { return WholeBodyJet(x.a); }

// Residuals of points at frames. The parameter blocks are those of the frames, betas, and others.
//
//   template <typename T> bool Residuals::operator()(
//       const T* points, T const* const* parameters, T* residuals) const;
//
// points: those of the first set at all frames, then those of the second, and so on.
template <typename Residuals>
struct WholeBodyFunctor {
  template <typename T>
  bool operator()(T const* const* parameters, T* residuals) const {
    const size_t num_frames = frames.size();
    size_t size = 0;
    for (const auto& set : sets) size += 3 * static_cast<size_t>(set->size());
    std::vector<T> shape(static_cast<size_t>(frames[0]->model().num_directions()));
    std::vector<T> coordinates(num_frames * size), body_pose;
    Kinematics<T> kinematics;
    for (size_t frame = 0; frame < num_frames; ++frame) {
      const BodyModel& model = frames[frame]->model();
      JoinShape(model, parameters[frame], parameters[num_frames], shape.data());
      if (!with_shape)
        for (T& coefficient : shape) coefficient = WithoutDerivative(coefficient);
      EvaluateKinematics(
          model, frames[frame]->root_anchor(), parameters[frame], shape.data(), &body_pose, &kinematics);
      T* of_set = coordinates.data();
      for (const auto& set : sets) {
        const size_t of_frame = 3 * static_cast<size_t>(set->size());
        set->Evaluate(kinematics, shape.data(), of_set + frame * of_frame);
        of_set += num_frames * of_frame;
      }
    }
    return residuals_of(coordinates.data(), parameters, residuals);
  }

  std::vector<std::shared_ptr<FrameKinematics>> frames;
  std::vector<std::shared_ptr<const SkinnedPoints>> sets;
  bool with_shape;  // whether to differentiate with respect to the coefficients of shape directions
  Residuals residuals_of;
};

template <typename Residuals>
std::unique_ptr<ceres::CostFunction> MakeWholeBodyCost(WholeBodyFunctor<Residuals> functor,
                                                       const std::vector<int>& block_sizes,
                                                       int num_residuals) {
  using Functor = WholeBodyFunctor<Residuals>;
  auto cost = std::make_unique<ceres::DynamicAutoDiffCostFunction<Functor, kWholeBodyStride>>(
      new Functor(std::move(functor)));
  for (const int size : block_sizes) cost->AddParameterBlock(size);
  cost->SetNumResiduals(num_residuals);
  return cost;
}

}  // namespace smplceres
