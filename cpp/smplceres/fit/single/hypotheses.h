// Alternative solutions of a doubtful fit, which may have ended in a wrong local minimum.
//
// A fit is doubtful if its energies exceed what the noise of the keypoints and plausible poses explain:
//
//   D = ( E_keypoints / s^2 + E_body / s_0^2 ) / (number of visible coordinates)  >  kDoubtful,
//
//   s     noise of the keypoints estimated with weakened priors (fit/single/noise.h), residual units, >= 1; a
//         wrong minimum raises it less than it raises E
//   s_0   the stage's reference_noise; E_body all energies except those of the keypoints and of the
//         conditional prior, which measures how the network errs and not how plausible a pose is; those of
//         the priors on poses as they are without a prediction
//
// Then parts of the body are mirrored in depth (depth_flips.h) and the last stage is run from each flip.
// A solution with less than kLower of the energy replaces the best one, and its flips are tried once
// more. If D still exceeds kVeryDoubtful, all stages but the last are run from other starts
// (other_starts.h), the last stage from those of lowest energy, and depth flips from a better solution.
// All solutions are returned as hypotheses.
#pragma once

#include "smplceres/fit/single/noise.h"
#include "smplceres/fit/single/run_stages.h"

namespace smplceres {

// Thresholds of D for depth flips and for other starts. Of 4,500 poses not used to train the pose prior, with
// 3 px of noise, 20 % exceed the first. From one start, 76 have errors above 150 mm; with hypotheses, 37
// in 3.2 times the time (37 in 4.0 times the time with a second threshold of 4, 36 in 5.2 with a first
// threshold of 3).
constexpr double kDoubtful = 5.0;
constexpr double kVeryDoubtful = 6.0;

// D at a solution of the last stage, given the noise of the keypoints.
double Doubt(const Scene& scene, const Noise& noise, const Fit& fit);

// Tries depth flips and other starts on the options' threads. Replaces `fit` by the best solution and appends
// the others to its hypotheses. Does nothing if depth is not ambiguous. True if `fit` was replaced.
bool TryOtherStarts(
    const Scene& scene, const FitOptions& options, const Stopwatch& stopwatch, const Noise& noise, Fit* fit);

}  // namespace smplceres
