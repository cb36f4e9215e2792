// How noisy the keypoints are, and the balance of picture and priors that follows from it.
//
// A stage's weights are right for keypoints with noise of `reference_noise` (standard deviation of a
// coordinate of confidence 1, residual units). With noise sigma the negative log posterior has the weights of
// everything that is not of the picture times f^2:
//
//   f = exp( s ),   s = sign(l) max( |l| - d, 0 ),   l = log( sigma / reference_noise ),   1/2 <= f <= 4
//
//   d   standard error of log sigma: 0 where it is given. The balance moves by what is beyond it.
//
// A keypoint of confidence c, weighted by w in its stage, has a noise of sigma / (w c).
//
// The estimate, from a stage's solution. What priors made of a picture that does not agree with them (a
// guessed camera, another body) is in the residuals there too, and would be taken for noise. So one
// Gauss-Newton step is taken with the weights of the priors times kWeakened^2, and the residuals e_i (pixels)
// that it predicts are looked at:
//
//   sigma = 1.4826 median( |w c e_i| / sqrt(1 - h_i) ),   h_i = diag J (J^T J + P)^-1 J^T,
//
// the median weighted by m_i = c (1 - h_i)^2: h_i is how much of a coordinate the step spends on meeting it,
// which leaves it a variance of (1 - h_i) sigma^2, and one that is met tells little; and detectors that guess
// at what they do not see, with confidences near 0, guess better than sigma / c. J are the rows of keypoints,
// P what the others add. The standard error is that of a median of n = (sum m)^2 / sum m^2
// numbers, d = 1.17 / sqrt(n): some 0.28 of BODY_25 in one picture.
#pragma once

#include <optional>

#include "smplceres/evidence/scene.h"
#include "smplceres/objective/stage.h"
#include "smplceres/objective/state.h"

namespace smplceres {

struct Noise {
  double sigma_px = 0.0;        // pixels
  double standard_error = 0.0;  // of its logarithm
  double unit = 1.0;            // residual units per pixel, the mean over keypoints
};

// At a solution of the stage. Nothing where no picture sees a keypoint or a term cannot be evaluated.
std::optional<Noise> EstimateNoise(const Stage& stage, const Scene& scene, const State& state);

// f; 1 where the stage has no reference_noise.
double Balance(const Stage& stage, const Noise& noise);

// The stage with the weights of all terms that are not evidence from images times f^2.
Stage BalancedFor(const Stage& stage, double f);

}  // namespace smplceres
