// The normal equations of one update of a tracker (solve/normal_equations.h): what is seen now, what every
// update is told anew, and what the past tells (fit/recent_frames.h),
//
//   H = H_pictures + H_told + H_past.
#pragma once

#include <Eigen/Core>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "smplceres/fit/recent_frames.h"
#include "smplceres/problem/body_equations.h"
#include "smplceres/solve/normal_equations.h"

namespace smplceres {

class UpdateEquations final : public NormalEquations {
 public:
  // at: where the frame starts, and what is told of it from before, if anything, is about.
  UpdateEquations(const SeenFrame& frame, const Variables& at, std::optional<Quadratic> past);

  Eigen::VectorXd Start() const { return start_; }
  // False where that cannot be evaluated.
  bool LinearizeAtStart();
  // sum |r|^2 by term, the past's left out.
  std::map<std::string, double> EnergiesAt(const Eigen::VectorXd& x);
  // H over [ frame | betas ] where last linearized.
  Eigen::MatrixXd Information() const;

  int num_parameters() const override { return pictures_->num_parameters(); }
  int num_residuals() const override { return pictures_->num_residuals() + told_.num_residuals(); }
  const char* name() const override { return pictures_->name(); }
  void Project(Eigen::VectorXd* x) const override { pictures_->Project(x); }
  bool Cost(const Eigen::VectorXd& x, double* cost) override;
  bool Linearize(const Eigen::VectorXd& x,
                 double* cost,
                 Eigen::VectorXd* gradient,
                 Eigen::VectorXd* diagonal) override;
  bool Solve(const Eigen::VectorXd& damping, Eigen::VectorXd* delta) override;

 private:
  std::shared_ptr<const Objective> objective_;
  std::shared_ptr<BodyEquations> pictures_;
  BodyEquations told_;
  Quadratic past_;
  std::vector<Eigen::Index> held_;
  Eigen::VectorXd start_, gradient_;
  Eigen::MatrixXd hessian_, factor_;  // lower triangles
};

}  // namespace smplceres
