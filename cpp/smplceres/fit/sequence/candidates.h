// What the body may be in a frame: the fits of that frame alone, from several initial estimates.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "smplceres/fit/sequence/steps.h"
#include "smplceres/fit/single/run_stages.h"

namespace smplceres {

struct Candidate {
  Variables variables;
  double energy;                     // sum |r|^2 of all terms
  double keypoint_energy;            // and of the keypoints'
  Eigen::VectorXd pixels_per_metre;  // of each view: the unit of the keypoints' residuals
};

Candidate CandidateOf(const Fit& fit);

// The few with the lowest energies, ascending; of those with the same energy one.
std::vector<Candidate> LowestFew(std::vector<Candidate> candidates);

// Energies of a frame's candidates in the unit of the first: each was solved in a unit that follows its
// depth, and the keypoints' energies scale with the square of it.
Eigen::VectorXd EnergiesInOneUnit(const std::vector<Candidate>& candidates);

// The joints of every candidate in the world, metres: a row of 3 J numbers each.
RowMatrix JointsOf(const BodyModel& model, const std::vector<Candidate>& candidates);

// The candidates of several frames as a step, and back.
ClipStep PackCandidates(const std::vector<std::vector<Candidate>>& frames);
std::vector<std::vector<Candidate>> UnpackCandidates(const BodyModel& model,
                                                     size_t num_frames,
                                                     size_t num_views,
                                                     const ClipStep& step);

}  // namespace smplceres
