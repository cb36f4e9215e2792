#include "smplceres/equations/observed_frame.h"

#include <algorithm>
#include <initializer_list>

namespace smplceres {
namespace {

bool OneOf(std::initializer_list<const char*> names, const TermCost& term) {
  return std::find(names.begin(), names.end(), term.name) != names.end();
}

// Whether a term is what is known of poses.
bool IsOfPose(const TermCost& term) {
  return OneOf({"pose_prior", "angle_prior", "joint_limits", "interpenetration"}, term);
}

}  // namespace

ObservedFrame::ObservedFrame(const Stage& stage,
                             const Scene& scene_of_frame,
                             double time,
                             const Variables& start)
    : time(time),
      scene(std::make_shared<Scene>(scene_of_frame)),
      objective(std::make_shared<Objective>(stage, *scene, State{start, PlaceOf(*scene, start)})),
      is_parameter(objective->free_parameters()) {
  std::fill_n(is_parameter.begin(), start.frame.size() + start.betas.size(), true);
  const auto part = [&](bool (*counts)(const TermCost&)) {
    return std::make_shared<BodyEquations>(*objective, start, is_parameter, counts);
  };
  measurements = part([](const TermCost& term) { return !IsReappliedPrior(term); });
  pose_knowledge = part(&IsOfPose);
}

bool ObservedFrame::IsReappliedPrior(const TermCost& term) {
  return IsOfPose(term) ||
         OneOf({"shape_prior", "height", "limb_lengths", "depth_prior", "focal_prior"}, term);
}

}  // namespace smplceres
