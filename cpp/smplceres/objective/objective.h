// The objective of a stage on a scene: its terms, its free variables, and the ceres::Problem built from both.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ceres/problem.h"
#include "smplceres/evidence/scene.h"
#include "smplceres/objective/free_set.h"
#include "smplceres/objective/stage.h"
#include "smplceres/objective/state.h"
#include "smplceres/objective/term_costs.h"

namespace smplceres {

class Objective {
 public:
  // Arguments and exceptions are those of MakeTermCosts.
  Objective(const Stage& stage, const Scene& scene, const State& state);

  // Terms that depend only on blocks shared by many frames, by term and blocks. They count once for all
  // frames.
  using SharedTerms = std::set<std::pair<const TermInfo*, std::vector<int>>>;
  // True for a term of the frame, and for the first occurrence of a shared term, which is added to the set.
  static bool IsFirstUse(const TermCost& term, SharedTerms* shared_terms);

  // Adds the cost functions, except shared terms already in the set, to a problem over these blocks
  // (Variables::blocks); variables that are not free become constant. The problem must not own cost
  // functions; the objective must outlive it.
  void AddTo(ceres::Problem* problem,
             const std::vector<double*>& blocks,
             const FreeSet& free,
             SharedTerms* shared_terms) const;
  void AddTo(ceres::Problem* problem, const std::vector<double*>& blocks) const {
    SharedTerms shared_terms;
    AddTo(problem, blocks, free_, &shared_terms);
  }

  const std::vector<TermCost>& terms() const { return terms_; }

  const FreeSet& free() const { return free_; }
  bool is_bounded() const;

  int num_residuals() const;
  int num_parameters() const;  // of all blocks; the number of columns of the Jacobian

  // Row counts in order, as (term, count); a term of images has one pair per view with keypoints.
  std::vector<std::pair<const TermInfo*, int>> rows() const;
  // Indices of a term's rows, ascending.
  std::vector<Eigen::Index> RowsOf(const TermInfo& term) const;

  // residuals: num_residuals(). jacobian: num_residuals() x num_parameters(), or null. Elements that a term
  // fails to write are NaN. False if a term cannot be evaluated.
  bool Evaluate(const Variables& variables, Eigen::VectorXd* residuals, RowMatrix* jacobian) const;

  // sum |r|^2 by term, except shared terms already in the set; empty if a term cannot be evaluated.
  std::map<std::string, double> Energies(const Variables& variables, SharedTerms* shared_terms) const;
  std::map<std::string, double> Energies(const Variables& variables) const {
    SharedTerms shared_terms;
    return Energies(variables, &shared_terms);
  }

 private:
  std::vector<int> block_sizes_;
  FreeSet free_;
  std::vector<TermCost> terms_;
};

}  // namespace smplceres
