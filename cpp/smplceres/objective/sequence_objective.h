// A stage's objective on many frames of one person: each frame's terms, what couples frames, one shape and
// one zoom per camera for all.
//
// Priors on what frames share (shape, focal lengths) count once. Frames are in the order of their times.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ceres/problem.h"
#include "smplceres/objective/objective.h"

namespace smplceres {

class SequenceObjective {
 public:
  // `times`: seconds, ascending, one per frame. `states`: of each frame; the first frame's
  // betas, zooms and camera motions hold for all. The rest as Objective. Throws std::invalid_argument for
  // sizes that differ, times that do not ascend and options out of range.
  SequenceObjective(const Stage& stage,
                    const std::vector<Scene>& frames,
                    const std::vector<double>& times,
                    const std::vector<State>& states);

  // What is free of each frame: nothing of the first `held` frame blocks; of the shared blocks, equally in
  // all frames, whatever is free in any frame, or nothing where `shared` is false.
  std::vector<FreeSet> Free(int held, bool shared) const;

  // The problem must not own cost functions; the objective and the variables must outlive it.
  void AddTo(ceres::Problem* problem,
             std::vector<Variables>* variables,
             const std::vector<FreeSet>& free) const;

  // Whether frames are coupled by more than what they share.
  bool coupled() const { return !couplings_.empty(); }

  // Of each frame alone.
  const std::vector<std::unique_ptr<Objective>>& frames() const { return frames_; }

  // sum |r|^2 by term; empty where a term cannot be evaluated. All frames have the same betas and zooms.
  std::map<std::string, double> Energies(const std::vector<Variables>& variables) const;

 private:
  struct Coupling {
    const TermInfo* term;
    std::unique_ptr<ceres::CostFunction> cost;
    std::vector<size_t> frames;
    bool with_betas;  // its last block
  };
  void AddCouplings(const Stage& stage,
                    const std::shared_ptr<const BodyModel>& model,
                    const std::vector<double>& times,
                    const std::vector<State>& states);

  std::vector<std::unique_ptr<Objective>> frames_;
  std::vector<Coupling> couplings_;
};

}  // namespace smplceres
