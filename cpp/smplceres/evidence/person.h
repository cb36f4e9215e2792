// What is known of a person beforehand.
#pragma once

#include <Eigen/Core>

#include "smplceres/body/body_model.h"
#include "smplceres/terms/body_length.h"

namespace smplceres {

struct KnownPerson {
  // Throws std::invalid_argument naming what is wrong: sizes, numbers out of range, NaN.
  void Check(const BodyModel& model) const;

  Eigen::VectorXd betas;           // B, where fits start
  bool betas_known = false;        // and stay
  Eigen::VectorXd expected_betas;  // B, the mean of the shape prior
  double betas_sigma = 1.0;        // and its standard deviation, > 0
  BodyLengths height;              // none or one
  BodyLengths limb_lengths;        // any number
};

}  // namespace smplceres
