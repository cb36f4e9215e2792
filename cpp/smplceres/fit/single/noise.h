// Estimates the noise of the keypoints and balances images against priors accordingly.
//
// A stage's weights are tuned for keypoints with noise `reference_noise` (standard deviation of a coordinate
// of confidence 1, residual units). For noise sigma, the weights of all terms but those of images and
// collisions (see BalancedFor) are multiplied by f^2:
//
//   f = exp( s ),   s = sign(l) max( |l| - d, 0 ),   l = log( sigma / reference_noise ),   1/2 <= f <= 4
//
//   d   standard error of log sigma, 0 if sigma is given; only differences larger than d change the balance
//
// A keypoint of confidence c with stage weight w has noise sigma / (w c).
//
// Sigma is estimated at a stage's solution. The residuals there also contain the bias of priors that
// disagree with the image (a guessed camera, another body). To reduce it, one Gauss-Newton step is
// computed with the weights of the priors times kWeakened^2, and the estimate uses the residuals e_i
// (pixels) that the step predicts:
//
//   sigma = 1.4826 median( |w c e_i| / sqrt(1 - h_i) ),   h_i = diag J (J^T J + P)^-1 J^T,
//
// where J are the rows of keypoints and P the normal matrix of all others. The leverage h_i of a coordinate
// leaves its residual a variance of (1 - h_i) sigma^2. The median is weighted by m_i = c (1 - h_i)^2:
// coordinates of high leverage carry little information, and hidden keypoints, of confidence near 0, are more
// accurate than sigma / c. The standard error is that of a median of n = (sum m)^2 / sum m^2 samples, d
// = 1.17 / sqrt(n), about 0.28 for BODY_25 in one image.
//
// Fingers and detailed faces have noise of their own, or their many keypoints would decide that of the body:
// sigma is that of the body's keypoints, and the weights w of the others are multiplied by sigma /
// sigma_group, within 1/4 and 4.
#pragma once

#include <optional>

#include "smplceres/evidence/scene.h"
#include "smplceres/objective/stage.h"
#include "smplceres/objective/state.h"

namespace smplceres {

struct Noise {
  double sigma_px = 0.0;                // pixels
  double standard_error = 0.0;          // of its logarithm
  double unit = 1.0;                    // residual units per pixel, the mean over keypoints
  double hand_px = 0.0, face_px = 0.0;  // pixels, of fingers and of a detailed face; 0: too few keypoints
};

// The noise at a solution of the stage; none without visible keypoints or if a term cannot be evaluated.
std::optional<Noise> EstimateNoise(const Stage& stage, const Scene& scene, const State& state);

// f; 1 if the stage has no reference_noise.
double Balance(const Stage& stage, const Noise& noise);

// The stage with the weights of fingers and faces for their noise; they are left as they are if it is
// unknown.
Stage WithGroupWeights(Stage stage, const Noise& noise);

// The stage with the weights of all terms times f^2 but those of images and collisions. That a body does not
// pass through itself is a constraint, no belief that noise weakens or strengthens: balanced like one, it
// makes Procrustes-aligned errors 1.2 % smaller with 1 px of noise, and 2.4 and 3.8 % larger with 6 and 12 px
// (benchmarks/noise.py, 250 poses).
Stage BalancedFor(const Stage& stage, double f);

}  // namespace smplceres
