// Prior knowledge of a person.
#pragma once

#include <Eigen/Core>

#include "smplceres/body/body_model.h"
#include "smplceres/terms/priors/body_length.h"

namespace smplceres {

struct KnownPerson {
  // Throws std::invalid_argument for wrong sizes, numbers out of range and NaN.
  void Check(const BodyModel& model) const;

  Eigen::VectorXd betas;           // B, initial estimate
  bool betas_known = false;        // whether betas are constant
  Eigen::VectorXd expected_betas;  // B, mean of the shape prior
  double betas_sigma = 1.0;        // standard deviation of the shape prior, > 0
  BodyLengths height;              // none or one
  BodyLengths limb_lengths;        // any number
};

}  // namespace smplceres
