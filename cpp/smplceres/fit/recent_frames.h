// The frames that a person was seen in last, and what is left of all before them: fixed-lag smoothing.
//
// Half the energies of what frame i saw, about where it is, are a quadratic of its change d_i and that of the
// shape, d_b:
//
//   c_i + g_i . d + d . H_i d / 2,     d = [ d_i | d_b ],   H_i = J^T J,  g_i = J^T r
//
// From frame to frame goes a random walk about the way that was predicted,
//
//   (d_i+1 - d_i + e_i) . M_i (d_i+1 - d_i + e_i) / 2,     e_i = x_i+1 - x_i - way_i,  M_i = w / (sigma^2 dt)
//
// (differences of roots are those of rotations). Frames are eliminated one after the other, the oldest first.
// With A, g the sums of what came from before and of frame i, and C = (A_xx + M)^-1, Schur's complement
// leaves for the next
//
//   H_xx = M - M C M      H_xb = M C A_xb           g_x = M (e + C (g_x - M e))
//                         H_bb = A_bb - A_bx C A_xb  g_b = g_b - A_bx C (g_x - M e)
//
// What reaches the newest frame is all that the past tells it. When that is solved the others follow it,
//
//   d_i = C (M d_i+1 - A_xb d_b - (g_x - M e)),
//
// so that later pictures tell of earlier ones, and those that have moved far are linearized anew, robust
// weights included. The oldest leaves once there are more than the window holds: its quadratic stays, about
// where it was taken. Of visual-inertial odometry: Leutenegger et al., "Keyframe-based visual-inertial
// odometry using nonlinear optimization", 2015, section 3.4.
//
// What is wrong with one frame's shape is wrong with its neighbours', so what is known of it fades:
// H_bb by exp(-dt / shape_memory). Priors are beliefs about people, no measurements. That of the shape is
// told to the newest frame alone. Those of the pose are part of an earlier frame's energies by dt /
// prior_time: in prior_time a pose becomes another, and the prior has a say in it once.
#pragma once

#include <Eigen/Core>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "smplceres/problem/body_equations.h"
#include "smplceres/problem/objective.h"
#include "smplceres/problem/variables.h"

namespace smplceres {

// How a body moves from one time to another where nothing is seen of it, and what is forgotten meanwhile.
struct RandomWalk {
  // About the prediction: standard deviations after a second.
  double sigma_orient = 1.0;  // radians
  double sigma_pose = 1.0;    // radians
  double sigma_transl = 0.5;  // metres
  double weight =
      0.5 * 5.5 * 5.5;        // of a squared standard deviation, as energies of the default stages have it
  double shape_memory = 3.0;  // seconds
  // Seconds after which a pose is a new draw from what is known of poses.
  double prior_time = 1.0 / 3.0;

  // diag M of a frame block, dt seconds later.
  Eigen::VectorXd Information(const FrameLayout& layout, double dt) const;
};

// Half an energy about a place, as a quadratic of the change [ frame | betas ] from there.
struct Quadratic {
  explicit Quadratic(Eigen::Index size)
      : hessian(Eigen::MatrixXd::Zero(size, size)), gradient(Eigen::VectorXd::Zero(size)) {}

  double constant = 0.0;
  Eigen::MatrixXd hessian;  // lower triangle
  Eigen::VectorXd gradient;
};

// A frame's objective and the equations of parts of it. Parameters are the whole frame block and betas, held
// or not, then the zooms that move.
struct SeenFrame {
  SeenFrame(const Stage& stage,
            const Observations& seen,
            const Priors& priors,
            double time,
            const Variables& start);

  // Whether a term is what every update is told anew, by no picture.
  static bool IsTold(const TermCost& term);

  double time;
  std::shared_ptr<const Observations> seen;
  std::shared_ptr<const Objective> objective;
  std::vector<bool> is_whole;                      // which columns of the objective's Jacobian are parameters
  std::shared_ptr<BodyEquations> pictures, poses;  // what was seen; what is known of poses
};

class RecentFrames {
 public:
  // lag: frames before the newest, >= 1.
  RecentFrames(int lag, RandomWalk walk);

  void Clear();
  bool empty() const { return frames_.empty(); }
  const Variables& newest() const { return frames_.back().at; }
  double newest_time() const { return frames_.back().seen.time; }

  // The frames, the oldest first, where all that was seen since puts them; all of the same shape.
  struct At {
    double time;
    Variables at;
  };
  std::vector<At> smoothed() const;

  // What they tell of a frame at a later time that is at `start`, of the same shape, `way` of the frame block
  // after the newest (the root's: a turn about the world's axes). None where a frame cannot be evaluated.
  std::optional<Quadratic> Eliminate(double time, const Variables& start, const Eigen::VectorXd& way);

  // That frame, solved: it becomes the newest, and the others follow it. How far the frame block has gone
  // since the one before.
  Eigen::VectorXd Add(SeenFrame seen, const Variables& solved);
  // The first: nothing is known from before.
  void Begin(SeenFrame seen, const Variables& solved);

 private:
  struct Frame {
    SeenFrame seen;
    Variables at;         // the root's anchor is that of `seen`
    double dt = 0.0;      // since the one before
    Eigen::VectorXd way;  // predicted, from the one before
    // Of the last elimination:
    Eigen::VectorXd walk;            // diag M, to the next
    Eigen::MatrixXd covariance;      // C
    Eigen::MatrixXd pulls_of_betas;  // C A_xb
    Eigen::VectorXd pull;            // C (g_x - M e)
  };

  // What was eliminated for good: a quadratic of the oldest frame, about a place.
  struct Base {
    Quadratic quadratic;
    Eigen::VectorXd about;  // [ frame | betas ]
  };

  size_t lag_;
  RandomWalk walk_;
  std::deque<Frame> frames_;
  std::optional<Base> base_, next_base_;
  // Of the frame that Eliminate told.
  Eigen::VectorXd start_, way_;
  double dt_ = 0.0;
};

}  // namespace smplceres
