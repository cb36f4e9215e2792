// Conversion between a frame's further slices (body/layout.h) and NumPy arrays by name.
#pragma once

#include <map>
#include <string>

#include "bindings/arrays.h"
#include "smplceres/objective/variables.h"

namespace smplceres::bindings {

using SliceArrays = std::map<std::string, Array>;

// Throws std::invalid_argument for names that are no further slice of the body.
inline void CheckNames(const FrameLayout& layout, const SliceArrays& slices) {
  for (const auto& [name, array] : slices) {
    bool known = false;
    for (const Slice& slice : layout.slices())
      known = known || (slice.kind == SliceKind::kCoefficients && slice.name == name);
    if (!known)
      throw std::invalid_argument("slices: expected names of the body's further slices, got " + name);
  }
}

// Slices that are left out are zero.
inline void SetSlices(const SliceArrays& slices, Variables* variables) {
  CheckNames(variables->layout, slices);
  for (const Slice& slice : variables->layout.slices())
    if (const auto found = slices.find(slice.name); found != slices.end())
      variables->Of(slice) = ToFiniteVector(slice.name.c_str(), found->second, slice.size);
}

inline SliceArrays ToSlices(const Variables& variables) {
  SliceArrays slices;
  for (const Slice& slice : variables.layout.slices())
    if (slice.kind == SliceKind::kCoefficients)
      slices.emplace(slice.name, ToArray(variables.Of(slice), {slice.size}));
  return slices;
}

// The coefficients of all shape directions of one body.
inline Eigen::VectorXd ToShape(const BodyModel& model, const Array& betas, const SliceArrays& slices) {
  Variables variables(model, 0);
  variables.betas = ToFiniteVector("betas", betas, model.num_betas());
  SetSlices(slices, &variables);
  return variables.Shape();
}

}  // namespace smplceres::bindings
