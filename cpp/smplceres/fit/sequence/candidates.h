// Candidate states of one frame: fits of that frame alone from several initial estimates.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "smplceres/fit/sequence/steps.h"
#include "smplceres/fit/single/run_stages.h"

namespace smplceres {

struct Candidate {
  Variables variables;
  double energy;                     // sum |r|^2 of all terms
  double keypoint_energy;            // sum |r|^2 of the keypoints' term
  Eigen::VectorXd pixels_per_metre;  // per view; the unit of the keypoints' residuals
};

Candidate CandidateOf(const Fit& fit);

// The candidates with the lowest energies, ascending; of those with equal energies only one.
std::vector<Candidate> LowestFew(std::vector<Candidate> candidates);

// Energies of a frame's candidates in the residual unit of the first. Each was solved in a unit that depends
// on its depth, and the keypoints' energies are proportional to the square of the unit.
Eigen::VectorXd EnergiesInOneUnit(const std::vector<Candidate>& candidates);

// World positions of the joints, metres: a row of 3 J numbers per candidate.
RowMatrix JointsOf(const BodyModel& model, const std::vector<Candidate>& candidates);

// Conversion between the candidates of several frames and a step.
ClipStep PackCandidates(const std::vector<std::vector<Candidate>>& frames);
std::vector<std::vector<Candidate>> UnpackCandidates(const BodyModel& model,
                                                     size_t num_frames,
                                                     size_t num_views,
                                                     const ClipStep& step);

}  // namespace smplceres
