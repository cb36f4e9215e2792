// A cost function whose rows feel few numbers of the frame block: a point moves with the joints above it.
#pragma once

#include <vector>

#include "ceres/cost_function.h"

namespace smplceres {

// Rows, and the columns of the frame block where their Jacobian may not be zero, ascending.
struct RowSupport {
  int row = 0;
  int count = 0;
  std::vector<int> columns;
};

// Its first block is the frame; of the others every number may count in every row.
class SupportedCost : public ceres::CostFunction {
 public:
  // All rows, in order.
  virtual std::vector<RowSupport> Supports() const = 0;
};

}  // namespace smplceres
