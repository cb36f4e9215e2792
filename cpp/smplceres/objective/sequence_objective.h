// The objective of a stage on many frames of one person: each frame's terms and the terms between frames.
// Frames share the shape and, for each camera, the zoom and the motion.
//
// Priors on shared variables count once. Frames are in ascending order of time.
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
  // times: seconds, ascending, one per frame. states: one per frame; the betas, zooms and camera motions of
  // the first are used for all. Throws std::invalid_argument for sizes that differ, times that do not ascend
  // and options out of range.
  SequenceObjective(const Stage& stage,
                    const std::vector<Scene>& frames,
                    const std::vector<double>& times,
                    const std::vector<State>& states);

  // Free variables of each frame. The first `held` frame blocks are constant. A shared block is free if it is
  // free in any frame and `shared` is true.
  std::vector<FreeSet> Free(int held, bool shared) const;

  // The problem must not own cost functions; the objective and the variables must outlive it.
  void AddTo(ceres::Problem* problem,
             std::vector<Variables>* variables,
             const std::vector<FreeSet>& free) const;

  // Whether there are terms between frames.
  bool coupled() const { return !couplings_.empty(); }

  // The objectives of single frames.
  const std::vector<std::unique_ptr<Objective>>& frames() const { return frames_; }

  // sum |r|^2 by term; empty if a term cannot be evaluated. All frames must have the same
  // betas, zooms and motions.
  std::map<std::string, double> Energies(const std::vector<Variables>& variables) const;

 private:
  struct Coupling {
    const TermInfo* term;
    std::unique_ptr<ceres::CostFunction> cost;
    std::vector<size_t> frames;
    bool with_betas;  // whether betas are its last block
  };
  void AddCouplings(const Stage& stage,
                    const std::shared_ptr<const BodyModel>& model,
                    const std::vector<double>& times,
                    const std::vector<State>& states);

  std::vector<std::unique_ptr<Objective>> frames_;
  std::vector<Coupling> couplings_;
};

}  // namespace smplceres
