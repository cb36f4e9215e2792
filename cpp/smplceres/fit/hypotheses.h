// Other ends than the one at hand: where else a fit may have to go, tried where it looks doubtful.
//
// A fit is doubtful where its energies are more than keypoints of such a noise and likely poses have:
//
//   D = ( E_keypoints / s^2 + E_body / s_0^2 ) / (number of coordinates seen)  >  kDoubtful,
//
//   s     noise of the keypoints as estimated with weakened priors (problem/noise.h), residual units, >= 1; a
//         wrong mode does not raise it as it raises E
//   s_0   the stage's reference_noise; E_body all energies but the keypoints'
//
// Then parts of the body are mirrored in depth (depth_flips.h), each such body goes through the last stage,
// and one that lowers the energy to less than kClearlyLower of it takes the place of the first, once or
// twice. What is doubtful after that goes on to starts of other kinds (other_starts.h): all stages but the
// last from each, the last from the few with the least energy, and once more the depth flips of one that is
// clearly lower. Energies that are nearer to one another do not tell which is true: of training motions with
// 3 px of noise, fits that were taken for less were worse as often as better. They are returned as
// hypotheses. Of 24 fits of 3,000 training motions that were off by more than 150 mm, a search from the truth
// itself ends clearly lower in 15: no start helps the other 9.
#pragma once

#include "smplceres/fit/run_stages.h"
#include "smplceres/problem/noise.h"

namespace smplceres {

// The D over which a fit is doubtful. Of 1,200 training motions with 3 px of noise 9 % are over it, and 4 of
// the 5 whose joints are off by more than 150 mm.
constexpr double kDoubtful = 4.0;

// D of the last stage, at a solution where the keypoints have this noise.
double Doubt(const Observations& observations, const Noise& noise, const Fit& fit);

// Tries other starts of a fit, on the options' threads; the fit becomes the best, and has what was tried
// among its hypotheses. Where there are none there is nothing to do. True where another end was taken.
bool TryOtherStarts(const Observations& observations,
                    const Priors& priors,
                    const FitOptions& options,
                    const Stopwatch& stopwatch,
                    const Noise& noise,
                    Fit* fit);

}  // namespace smplceres
