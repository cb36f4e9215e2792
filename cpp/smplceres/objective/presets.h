// Presets: schedules of stages, with all weights, widths and iteration limits, for both languages.
#pragma once

#include <vector>

#include "smplceres/objective/stage.h"

namespace smplceres {

// The factor on the residuals of the pose prior in the last default stage.
constexpr double kLastPoseFactor = 5.5;

// The scale of the default stages' energies. With this weight, a term whose residuals are in standard
// deviations (3D points, motion between frames, the tracker's random walk) is on the scale of the last
// default stage, whose pose prior, of energy -weight log p, has twice this weight.
constexpr double kGaussianWeight = kLastPoseFactor * kLastPoseFactor / 2.0;

// Five stages. Residuals are in pixels of an image with 300 px/m, the translation is free throughout, and
// robust width and prior weights decrease. The last two stages include interpenetration (Overlap::kDepth),
// which needs a pose near the solution. With `mask`, two more stages fit the silhouettes.
std::vector<Stage> DefaultStages(bool mask);

// The default stages for fits with point clouds. The gate of matches narrows from stage to stage, and matches
// are recomputed several times a stage.
std::vector<Stage> CloudStages(bool mask);

// The stages for hands and faces: the default ones on the body's keypoints alone, then hands and face with
// the body's place and shape constant, each hand from two rotations of its wrist, then everything together.
std::vector<Stage> WholeBodyStages();

// The published schedule of SMPLify-X (Pavlakos et al. 2019, fit_smplx.yaml): stages, weights, switches.
// Differences: the pose prior is the fit's, with the weights of VPoser's; collisions are spheres, as
// SMPLify's; the minimizer is dogleg.
std::vector<Stage> SmplifyXStages();

// The published objective and schedule of SMPLify (Bogo et al. 2016, and its code). Residuals are in pixels
// of the image, with Geman-McClure of width 100 px per coordinate. The camera stage fits position and
// orientation to shoulders and hips. The body stages hold the translation, leave out hips and neck, and
// include interpenetration without derivatives with respect to betas. The minimizer is dogleg with at most
// 100 iterations a stage. Differences from SMPLify: initialisation and the choice of a second facing
// direction are those of all fits here, confidences also weight the camera stage, tolerances are Ceres', and
// the spheres, their radii and the pairs that may collide are computed from the body model.
std::vector<Stage> SmplifyStages();

// Two stages for all frames of a clip together: the last default stage with motion between frames, weaker
// priors on poses and a narrower robust width; the first of the two with a wider one and without collisions.
//
// Chosen on 36 training motions as in benchmarks/sequence.py, not used to train their pose prior: the error
// of joints is 47 mm. It is 55 mm with the full pose prior, a quarter of the angle prior, a robust width of
// 60, motion half as smooth (acceleration.sigma 6) and no depth flips.
std::vector<Stage> SequenceStages();

// Four stages for 3D points alone: position and orientation, then pose with decreasing priors, then pose and
// shape. The final priors are so weak that for each of 9,000 recorded poses all exact joints are recovered
// within 0.8 mm (benchmarks/joints3d.py).
std::vector<Stage> Joints3dStages();

// One update of a tracker: the last default stage with few iterations and without collisions, which are not
// worth their time between two frames.
Stage TrackerStage();

// The cold fit of a tracker: the default stages without collisions and without the balance by noise, which
// cost more time than they are worth when a person is found.
std::vector<Stage> TrackerColdStages();

}  // namespace smplceres
