// The normal equations of many frames that are coupled only by shared parameters: shape, focal lengths and
// camera motions (solve/normal_equations.h). H is an arrow matrix, and the Schur complement eliminates each
// frame f by a Cholesky factorisation:
//
//   [ H_ff    H_fs ] [ d_f ]     [ g_f ]
//   [ H_fs^T  H_ss ] [ d_s ] = - [ g_s ]
//
//   ( H_ss - sum_f H_fs^T H_ff^-1 H_fs ) d_s = -g_s + sum_f H_fs^T H_ff^-1 g_f
//   d_f = -H_ff^-1 ( g_f + H_fs d_s )
//
// H_ff and H_ss include their damping. Time and memory are linear in the number of frames. Parameters are the
// free elements of each frame in turn, then the shared ones.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "smplceres/equations/body_equations.h"
#include "smplceres/objective/sequence_objective.h"
#include "smplceres/objective/variables.h"
#include "smplceres/solve/levenberg_marquardt.h"

namespace smplceres {

class FramesEquations final : public NormalEquations {
 public:
  // objective: without terms between frames; must outlive the equations. variables: one per frame, with equal
  // betas, zooms and camera motions. free: one per frame (SequenceObjective::Free).
  FramesEquations(const SequenceObjective& objective,
                  const std::vector<Variables>& variables,
                  const std::vector<FreeSet>& free);

  Eigen::VectorXd Start() const;
  // The variables with x as their free elements.
  std::vector<Variables> At(const Eigen::VectorXd& x);

  int num_parameters() const override { return first_shared_ + num_shared_; }
  int num_residuals() const override;
  const char* name() const override { return "NORMAL_EQUATIONS_SCHUR"; }
  void Project(Eigen::VectorXd* x) const override;
  bool Cost(const Eigen::VectorXd& x, double* cost) override;
  bool Linearize(const Eigen::VectorXd& x,
                 double* cost,
                 Eigen::VectorXd* gradient,
                 Eigen::VectorXd* diagonal) override;
  bool Solve(const Eigen::VectorXd& damping, Eigen::VectorXd* delta) override;

 private:
  struct Frame {
    std::unique_ptr<BodyEquations> body;
    int first = 0;               // first parameter
    int size = 0;                // number of parameters without the shared ones; 0 if constant
    Eigen::MatrixXd eliminated;  // H_ff^-1 H_fs
  };

  // A frame's parameters followed by the shared ones.
  Eigen::VectorXd Of(const Frame& frame, const Eigen::VectorXd& x) const;

  std::vector<Frame> frames_;
  int first_shared_ = 0;
  int num_shared_ = 0;
  Eigen::VectorXd gradient_;
  Eigen::MatrixXd shared_hessian_;  // H_ss, lower triangle
  Eigen::MatrixXd factor_;          // scratch space of one frame's Cholesky
};

}  // namespace smplceres
