#include "smplceres/fit/sequence/fill_gaps.h"

#include <algorithm>

#include "smplceres/math/rotation_path.h"

namespace smplceres {
namespace {

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2.0;
}

// The median of each element.
template <typename Get>
Eigen::VectorXd MedianOf(const std::vector<Variables>& variables, const Get& get) {
  Eigen::VectorXd medians(get(variables[0]).size());
  for (Eigen::Index i = 0; i < medians.size(); ++i) {
    std::vector<double> values;
    for (const Variables& each : variables) values.push_back(get(each)[i]);
    medians[i] = Median(std::move(values));
  }
  return medians;
}

// Axis-angles of the joints without jumps of a full turn from one frame to the next.
void Unwrap(std::vector<Variables>* variables) {
  for (size_t f = 1; f < variables->size(); ++f) {
    const Variables& before = (*variables)[f - 1];
    Variables& now = (*variables)[f];
    for (Eigen::Index i = 0; i < now.BodyPose().size(); i += 3)
      now.BodyPose().segment<3>(i) =
          NearestAxisAngle(now.BodyPose().segment<3>(i), before.BodyPose().segment<3>(i));
  }
}

Variables Interpolate(const Variables& first, const Variables& second, double fraction) {
  Variables between = first;
  between.frame = (1.0 - fraction) * first.frame + fraction * second.frame;
  between.SetRootRotation(Exp(InterpolateRotation(first.GlobalOrient(), second.GlobalOrient(), fraction)));
  return between;
}

}  // namespace

std::vector<Variables> FillGaps(const std::vector<int>& frames,
                                const std::vector<Variables>& variables,
                                const std::vector<double>& times) {
  std::vector<Variables> known = variables;
  Unwrap(&known);
  const Eigen::VectorXd betas = MedianOf(known, [](const Variables& v) { return v.betas; });
  const Eigen::VectorXd log_zoom = MedianOf(known, [](const Variables& v) { return v.log_zoom; });
  std::vector<Variables> filled;
  for (size_t f = 0; f < times.size(); ++f) {
    const int frame = static_cast<int>(f);
    const auto next = std::lower_bound(frames.begin(), frames.end(), frame) - frames.begin();
    const size_t after = std::min(static_cast<size_t>(next), frames.size() - 1);
    const size_t before = frames[after] > frame && after > 0 ? after - 1 : after;
    const double begin = times[static_cast<size_t>(frames[before])];
    const double gap = times[static_cast<size_t>(frames[after])] - begin;
    const double fraction = gap > 0.0 ? std::clamp((times[f] - begin) / gap, 0.0, 1.0) : 0.0;
    filled.push_back(Interpolate(known[before], known[after], fraction));
    filled.back().betas = betas;
    filled.back().log_zoom = log_zoom;
    filled.back().camera_motion.resize(0);
  }
  return filled;
}

}  // namespace smplceres
