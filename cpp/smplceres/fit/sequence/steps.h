// The finished steps of a clip's fit as plain arrays, from which an interrupted run resumes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "smplceres/fit/single/solve_stages.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

struct NumberArray {
  std::vector<int> shape;
  std::vector<double> values;  // row-major
};

struct ClipStep {
  std::map<std::string, NumberArray> arrays;  // by name; the first dimension counts bodies
  // Only for steps that solve windows: the stages, the last one's energies by term, and whether it converged.
  std::vector<StageSummary> stages = {};
  std::map<std::string, double> energies = {};
  bool converged = false;
};

// Called between steps by the thread that called FitClip. Any may be empty; exceptions end the fit.
struct ClipCallbacks {
  // what: description of the current part; done, total: numbers of frames.
  std::function<void(const std::string& what, int done, int total)> progress;
  // Returns a step saved by an earlier run with the same inputs; if none, the step is computed.
  std::function<std::optional<ClipStep>(const std::string& name)> load;
  std::function<void(const std::string& name, const ClipStep& step)> save;
};

// Adds arrays "global_orient", "body_pose", "betas", "transl", "log_zoom", "camera_motion" and "slices/NAME"
// of each further slice.
void PackVariables(const std::vector<Variables>& variables, ClipStep* step);

// The inverse of PackVariables, with root orientations exp("global_orient"). Throws std::invalid_argument for
// missing arrays and for wrong numbers of bodies, joints, betas or views.
std::vector<Variables> UnpackVariables(const BodyModel& model,
                                       size_t num_views,
                                       const ClipStep& step,
                                       size_t num_bodies);

// An array by name, with a row per body. Throws std::invalid_argument unless it is rows x columns.
RowMatrix UnpackRows(const ClipStep& step, const std::string& name, Eigen::Index rows, Eigen::Index columns);

}  // namespace smplceres
