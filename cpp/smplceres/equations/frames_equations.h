// The normal equations of many frames that are coupled only by what they share: shape, focal lengths and
// camera motions (solve/levenberg_marquardt.h). H is an arrow, and each frame f is eliminated by its own
// Cholesky (Schur's complement):
//
//   [ H_ff    H_fs ] [ d_f ]     [ g_f ]
//   [ H_fs^T  H_ss ] [ d_s ] = - [ g_s ]
//
//   ( H_ss - sum_f H_fs^T H_ff^-1 H_fs ) d_s = -g_s + sum_f H_fs^T H_ff^-1 g_f
//   d_f = -H_ff^-1 ( g_f + H_fs d_s )
//
// H_ff and H_ss with their damping. Time and memory are linear in the number of frames. Parameters are the
// free numbers of frame after frame, then those that frames share.
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
  // Of an objective without couplings. All variables have the same betas, zooms and camera motions. `free`:
  // of each frame (SequenceObjective::Free). The objective must outlive the equations.
  FramesEquations(const SequenceObjective& objective,
                  const std::vector<Variables>& variables,
                  const std::vector<FreeSet>& free);

  Eigen::VectorXd Start() const;
  // The variables with these free numbers.
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
    int first = 0;               // of its parameters
    int size = 0;                // numbers of its own, 0 if held
    Eigen::MatrixXd eliminated;  // H_ff^-1 H_fs
  };

  // A frame's parameters, then the shared.
  Eigen::VectorXd Of(const Frame& frame, const Eigen::VectorXd& x) const;

  std::vector<Frame> frames_;
  int first_shared_ = 0;
  int num_shared_ = 0;
  Eigen::VectorXd gradient_;
  Eigen::MatrixXd shared_hessian_;  // H_ss, lower triangle
  Eigen::MatrixXd factor_;          // scratch space of one frame's Cholesky
};

}  // namespace smplceres
