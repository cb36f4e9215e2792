// Where a body was put at first, from NumPy.
#pragma once

#include "arrays.h"
#include "smplceres/problem/term_costs.h"

namespace smplceres::bindings {

inline InitialPlace ToPlace(const Observations& observations,
                            const Array& initial_transl,
                            const Array& pixels_per_metre) {
  const auto views = static_cast<py::ssize_t>(observations.views.size());
  return {ToFiniteVector("initial_transl", initial_transl, 3),
          ToFiniteVector("pixels_per_metre", pixels_per_metre, views)};
}

}  // namespace smplceres::bindings
