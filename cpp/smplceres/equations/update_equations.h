// The normal equations of one update of a tracker: the measurements of the newest frame, the priors that are
// reapplied at every update, and the marginalised information from earlier frames (fit/live/recent_frames.h),
//
//   H = H_measurements + H_priors + H_past.
#pragma once

#include <Eigen/Core>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "smplceres/equations/body_equations.h"
#include "smplceres/equations/observed_frame.h"
#include "smplceres/equations/quadratic.h"
#include "smplceres/solve/normal_equations.h"

namespace smplceres {

class UpdateEquations final : public NormalEquations {
 public:
  // at: the initial estimate of the frame, about which `past`, the prior from earlier frames, is expanded.
  UpdateEquations(const ObservedFrame& frame, const Variables& at, std::optional<Quadratic> past);

  Eigen::VectorXd Start() const { return start_; }
  // False if it cannot be evaluated.
  bool LinearizeAtStart();
  // sum |r|^2 by term, without the prior from earlier frames.
  std::map<std::string, double> EnergiesAt(const Eigen::VectorXd& x);
  // H over [ frame | betas ] at the last linearization.
  Eigen::MatrixXd Information() const;

  int num_parameters() const override { return measurements_->num_parameters(); }
  int num_residuals() const override { return measurements_->num_residuals() + priors_.num_residuals(); }
  const char* name() const override { return measurements_->name(); }
  void Project(Eigen::VectorXd* x) const override { measurements_->Project(x); }
  bool Cost(const Eigen::VectorXd& x, double* cost) override;
  bool Linearize(const Eigen::VectorXd& x,
                 double* cost,
                 Eigen::VectorXd* gradient,
                 Eigen::VectorXd* diagonal) override;
  bool Solve(const Eigen::VectorXd& damping, Eigen::VectorXd* delta) override;

 private:
  std::shared_ptr<const Objective> objective_;
  std::shared_ptr<BodyEquations> measurements_;
  BodyEquations priors_;
  Quadratic past_;
  std::vector<Eigen::Index> constant_;  // parameters that the stage does not free
  Eigen::VectorXd start_, gradient_;
  Eigen::MatrixXd hessian_, factor_;  // lower triangles
};

}  // namespace smplceres
