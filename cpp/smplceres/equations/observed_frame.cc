#include "smplceres/equations/observed_frame.h"

namespace smplceres {
namespace {

bool IsPoseKnowledge(const TermCost& cost) {
  return cost.term->source == TermSource::kPose || cost.term->source == TermSource::kCollision;
}

}  // namespace

ObservedFrame::ObservedFrame(const Stage& stage,
                             const Scene& frame_scene,
                             double time,
                             const Variables& start)
    : time(time),
      scene(std::make_shared<Scene>(frame_scene)),
      objective(std::make_shared<Objective>(stage, *scene, State{start, PlaceOf(*scene, start)})),
      parameters(objective->free()) {
  parameters.frame.assign(parameters.frame.size(), true);
  parameters.betas = true;
  const auto part = [&](bool (*includes)(const TermCost&)) {
    return std::make_shared<BodyEquations>(*objective, start, parameters, includes);
  };
  measurements = part([](const TermCost& cost) { return !IsReappliedPrior(*cost.term); });
  pose_knowledge = part(&IsPoseKnowledge);
}

bool IsReappliedPrior(const TermInfo& term) {
  switch (term.source) {
    case TermSource::kImage:
    case TermSource::kSpace:
    case TermSource::kGround:
    case TermSource::kMotion:
    case TermSource::kPrediction:
      return false;
    case TermSource::kPose:
    case TermSource::kCollision:
    case TermSource::kShape:
    case TermSource::kPerson:
    case TermSource::kPlace:
    case TermSource::kCamera:
      break;
  }
  return true;
}

}  // namespace smplceres
