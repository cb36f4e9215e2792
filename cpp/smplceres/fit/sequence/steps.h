// The finished steps of a clip's fit as plain arrays, so that a run that was stopped can resume.
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
  // Where frames were solved together for the result: the stages, the last one's energies by term, and
  // whether it converged.
  std::vector<StageSummary> stages = {};
  std::map<std::string, double> energies = {};
  bool converged = false;
};

// Called from the thread that called FitClip, between steps. Any of them may be empty; what they throw ends
// the fit.
struct ClipCallbacks {
  // What is being done, how many frames of it are done, and how many there are.
  std::function<void(const std::string& what, int done, int total)> progress;
  // A step that was saved before, of the same inputs; none: it is computed.
  std::function<std::optional<ClipStep>(const std::string& name)> load;
  std::function<void(const std::string& name, const ClipStep& step)> save;
};

// Adds arrays "global_orient", "body_pose", "betas", "transl", "log_zoom" and "camera_motion".
void PackVariables(const std::vector<Variables>& variables, ClipStep* step);

// What PackVariables added of so many bodies, root orientations as the exponential of "global_orient". Throws
// std::invalid_argument for missing arrays and for those of other numbers of bodies, joints, betas or views.
std::vector<Variables> UnpackVariables(const BodyModel& model,
                                       size_t num_views,
                                       const ClipStep& step,
                                       size_t num_bodies);

// Rows of an array by name, one a body. Throws std::invalid_argument unless it has `rows` rows of `columns`
// numbers.
RowMatrix UnpackRows(const ClipStep& step, const std::string& name, Eigen::Index rows, Eigen::Index columns);

}  // namespace smplceres
