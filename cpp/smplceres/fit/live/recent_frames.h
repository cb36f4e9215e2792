// Fixed-lag smoothing: the most recent frames, and the marginalised information from all frames before them.
//
// Half the energies of frame i's measurements are expanded about its state to a quadratic in its change d_i
// and in the change of the shape, d_b:
//
//   c_i + g_i . d + d . H_i d / 2,     d = [ d_i | d_b ],   H_i = J^T J,  g_i = J^T r
//
// Consecutive frames are coupled by a random walk about the predicted step s_i,
//
//   (d_i+1 - d_i + e_i) . M_i (d_i+1 - d_i + e_i) / 2,     e_i = x_i+1 - x_i - s_i,  M_i = w / (sigma^2 dt)
//
// (differences of roots are those of rotations). Frames are marginalised one after the other, the oldest
// first. With A and g the sums of the prior from earlier frames and frame i, and C = (A_xx + M)^-1, the Schur
// complement gives the prior of the next frame,
//
//   H_xx = M - M C M      H_xb = M C A_xb           g_x = M (e + C (g_x - M e))
//                         H_bb = A_bb - A_bx C A_xb  g_b = g_b - A_bx C (g_x - M e)
//
// The newest frame is solved with this prior. The earlier frames then follow by back substitution,
//
//   d_i = C (M d_i+1 - A_xb d_b - (g_x - M e)),
//
// so that later images correct earlier frames. Frames that have moved far are linearized again, including
// robust weights. When the window is full, the oldest frame is removed and its quadratic stays, with its last
// linearization. Reference: Leutenegger et al., "Keyframe-based visual-inertial odometry using nonlinear
// optimization", 2015, section 3.4.
//
// Errors of the shape are correlated between neighbouring frames, so the information on the shape
// decays: H_bb by exp(-dt / shape_memory). Priors are not measurements and must not count once per
// frame: the shape prior is applied only to the newest frame, and pose priors are weighted by dt /
// prior_time in earlier frames, so that they count once per prior_time, the time in which a pose becomes
// independent of the one before.
#pragma once

#include <Eigen/Core>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "smplceres/equations/observed_frame.h"
#include "smplceres/equations/quadratic.h"
#include "smplceres/objective/presets.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

// The motion model between frames, and the decay of information.
struct RandomWalk {
  // About the prediction: standard deviations after a second; of further slices those that the model states.
  double sigma_orient = 1.0;        // radians
  double sigma_pose = 1.0;          // radians
  double sigma_transl = 0.5;        // metres
  double weight = kGaussianWeight;  // of a squared standard deviation, on the scale of the default stages
  double shape_memory = 3.0;        // seconds
  // Seconds after which a pose is independent of the one before.
  double prior_time = 1.0 / 3.0;

  double SigmaOf(const Slice& slice) const;
  // diag M of a frame block after dt seconds.
  Eigen::VectorXd Information(const FrameLayout& layout, double dt) const;
};

class RecentFrames {
 public:
  // lag: number of frames before the newest, >= 1.
  RecentFrames(int lag, RandomWalk walk);

  void Clear();
  bool empty() const { return frames_.empty(); }
  const Variables& newest() const { return frames_.back().at; }
  double newest_time() const { return frames_.back().observed.time; }

  // The window's frames, the oldest first, smoothed by all later measurements. All have the same shape.
  struct At {
    double time;
    Variables at;
  };
  std::vector<At> smoothed() const;

  // The prior of a frame at a later time with the initial estimate `start`, of the same shape.
  // `predicted_step`: the expected change of the frame block since the newest frame (the root's: a rotation
  // vector in the world's axes). None where a frame cannot be evaluated.
  std::optional<Quadratic> Eliminate(double time,
                                     const Variables& start,
                                     const Eigen::VectorXd& predicted_step);

  // Appends the frame of the last Eliminate with its solution and updates the earlier ones by back
  // substitution. Returns the change of the frame block since the frame before.
  Eigen::VectorXd Add(ObservedFrame observed, const Variables& solved);
  // The step from the frame before to the newest is
  //
  //   step = A [ d_frame | d_b ] + noise of covariance C,     A = [ 1 - C M | gain of betas ]
  //
  // for a change d of the newest frame's variables, in the units of energies. None for the first frame.
  struct Step {
    double dt;                   // seconds
    Eigen::MatrixXd by_state;    // A
    Eigen::MatrixXd covariance;  // C
  };
  std::optional<Step> newest_step() const;

  // Starts a window with its first frame, without a prior from earlier ones.
  void Begin(ObservedFrame observed, const Variables& solved);

 private:
  struct Frame {
    ObservedFrame observed;
    Variables at;                    // with the root's anchor of `observed`
    double dt = 0.0;                 // since the frame before
    Eigen::VectorXd predicted_step;  // since the frame before
    // From the last elimination:
    Eigen::VectorXd walk;           // diag M, to the next frame
    Eigen::MatrixXd covariance;     // C
    Eigen::MatrixXd gain_of_betas;  // C A_xb
    Eigen::VectorXd back_step;      // C (g_x - M e)
  };

  // The marginalised information from frames that have left the window, about a state of the oldest frame.
  struct Base {
    Quadratic quadratic;
    Eigen::VectorXd about;  // [ frame | betas ]
  };

  size_t lag_;
  RandomWalk walk_;
  std::deque<Frame> frames_;
  std::optional<Base> base_, next_base_;
  // The arguments of the last Eliminate.
  Eigen::VectorXd start_, predicted_step_;
  double dt_ = 0.0;
};

}  // namespace smplceres
