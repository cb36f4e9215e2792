// Schedules of fits: lists of stages. All weights, widths and iteration limits of the package's fits are
// here, for both languages.
#pragma once

#include <vector>

#include "smplceres/objective/stage.h"

namespace smplceres {

// The scale of the default stages' energies: the weight at which a squared standard deviation has an energy
// of -log p, half of its square. The last default stage weights the pose prior, whose energy is -weight log
// p, by twice this. Terms in standard deviations (points in space, motion between frames) and the tracker's
// random walk take their weights from it.
constexpr double kGaussianWeight = 5.5 * 5.5 / 2.0;

// Five stages: residuals in pixels of an image with 300 px/m, the translation free throughout, a robust width
// that narrows as the pose approaches, prior weights that fall. The last two keep limbs out of one another,
// by depths: the pose must be near before the direction out is known. With `mask` two more bring the body's
// outline to masks.
std::vector<Stage> DefaultStages(bool mask);

// The default stages for fits with a surface measured as points: points are matched from farther away first,
// and anew several times a stage; the spheres that keep limbs apart weigh a tenth throughout.
std::vector<Stage> CloudStages(bool mask);

// The objective and schedule that SMPLify publishes (Bogo et al. 2016, and its code): residuals in pixels of
// the image, Geman-McClure of width 100 px by coordinate; the camera stage moves place and orientation by
// shoulders and hips; the body stages hold the place, leave hips and neck out and keep limbs out of one
// another without an effect on betas; dogleg, at most 100 iterations a stage. Not SMPLify's: the start and
// the choice of a second facing direction are those of all fits here, confidences weight the camera stage
// too, tolerances are Ceres', and the spheres of the limbs, their radii and which of them may collide are
// found on the body at hand.
std::vector<Stage> SmplifyStages();

// Two stages for all frames of a clip together: the last default stage with motion between frames, weaker
// priors on poses and a narrower robust function; first with a wider one and without collisions.
//
// Chosen by 36 training motions as in benchmarks/sequence.py, unknown to their pose prior: joints are off by
// 47 mm; by 55 with all of the pose prior, a quarter of the angle prior, a robust width of 60, motion half as
// smooth (acceleration.sigma 6), and no starts mirrored in depth.
std::vector<Stage> SequenceStages();

// Four stages for points in space alone: place and orientation, then pose with priors that fade, then pose
// and shape. At the end priors weigh so little that of 9,000 recorded poses every exact joint comes back
// within 0.8 mm (benchmarks/joints3d.py).
std::vector<Stage> Joints3dStages();

// One update of a tracker: the last default stage with a few iterations and without collisions, which cost
// more time than they are worth between two frames.
Stage TrackerStage();

}  // namespace smplceres
