// Other ends than the one at hand: where else a fit may have to go, tried where it looks doubtful.
//
// A fit is doubtful where its energies are more than keypoints of such a noise and likely poses have:
//
//   D = ( E_keypoints / s^2 + E_body / s_0^2 ) / (number of coordinates seen)  >  kDoubtful,
//
//   s     noise of the keypoints as estimated with weakened priors (fit/single/noise.h), residual units, >=
//   1; a
//         wrong mode does not raise it as it raises E
//   s_0   the stage's reference_noise; E_body all energies but the keypoints'
//
// Then parts of the body are mirrored in depth (depth_flips.h), each such body goes through the last stage,
// and one that lowers the energy to less than kLower of it takes the place of the first, once or twice. What
// is still more doubtful than kVeryDoubtful goes on to starts of other kinds (other_starts.h): all stages but
// the last from each, the last from the few with the least energy, and once more the depth flips of one that
// is lower. All ends are returned as hypotheses.
#pragma once

#include "smplceres/fit/single/noise.h"
#include "smplceres/fit/single/run_stages.h"

namespace smplceres {

// The D over which a fit is doubtful, and over which starts of other kinds are tried. Of 4,500 poses of
// training motions unknown to the pose prior, 3 px of noise, 20 % are over the first; 76 are off by more than
// 150 mm from one start, and 37 with other starts, in 3.2 times the time (37 in 4.0 times where the second is
// 4 as well, 36 in 5.2 where the first is 3).
constexpr double kDoubtful = 4.0;
constexpr double kVeryDoubtful = 5.0;

// D of the last stage, at a solution where the keypoints have this noise.
double Doubt(const Scene& scene, const Noise& noise, const Fit& fit);

// Tries other starts of a fit, on the options' threads; the fit becomes the best, and has what was tried
// among its hypotheses. Where there are none there is nothing to do. True where another end was taken.
bool TryOtherStarts(
    const Scene& scene, const FitOptions& options, const Stopwatch& stopwatch, const Noise& noise, Fit* fit);

}  // namespace smplceres
