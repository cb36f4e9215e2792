// A cost function whose rows depend on few columns of the frame block, since a point depends only on its
// ancestors.
#pragma once

#include <vector>

#include "ceres/cost_function.h"

namespace smplceres {

// Rows and the columns of the frame block, ascending, in which their Jacobian may be non-zero.
struct RowSupport {
  int row = 0;
  int count = 0;
  std::vector<int> columns;
};

// The first block is the frame; the other blocks' columns may be non-zero in every row.
class SupportedCost : public ceres::CostFunction {
 public:
  // All rows, in order.
  virtual std::vector<RowSupport> Supports() const = 0;
};

}  // namespace smplceres
