// A stage's objective on a scene: its terms, what it frees, and the ceres::Problem made of both.
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
  // As MakeTermCosts.
  Objective(const Stage& stage, const Scene& scene, const State& state);

  // Terms that no frame is part of, by kind and blocks. Of many frames that share those blocks each counts
  // once: what was added or counted before is left out, and what is, noted.
  using SharedTerms = std::set<std::pair<const TermInfo*, std::vector<int>>>;
  // Notes a term; false for one that was noted before.
  static bool CountsNow(const TermCost& term, SharedTerms* noted);

  // Adds the cost functions to a problem over these blocks (Variables::blocks); what is not free becomes
  // constant. The problem must not own cost functions; the objective must outlive it.
  void AddTo(ceres::Problem* problem,
             const std::vector<double*>& blocks,
             const FreeSet& free,
             SharedTerms* added) const;
  void AddTo(ceres::Problem* problem, const std::vector<double*>& blocks) const {
    SharedTerms none_yet;
    AddTo(problem, blocks, free_, &none_yet);
  }

  const std::vector<TermCost>& terms() const { return terms_; }

  const FreeSet& free() const { return free_; }
  bool is_bounded() const;

  int num_residuals() const;
  int num_parameters() const;  // of all blocks: the columns of `jacobian`

  // The rows in order, (term, count): one pair for each seeing view of a term of images.
  std::vector<std::pair<const TermInfo*, int>> rows() const;
  // Numbers of a term's rows, ascending.
  std::vector<Eigen::Index> RowsOf(const TermInfo& term) const;

  // residuals: num_residuals(). jacobian: num_residuals() x num_parameters(), or null. Both are filled with
  // NaN first, so that an unwritten number shows. False where a term cannot be evaluated.
  bool Evaluate(const Variables& variables, Eigen::VectorXd* residuals, RowMatrix* jacobian) const;

  // sum |r|^2 by term; empty where a term cannot be evaluated.
  std::map<std::string, double> Energies(const Variables& variables, SharedTerms* counted) const;
  std::map<std::string, double> Energies(const Variables& variables) const {
    SharedTerms none_yet;
    return Energies(variables, &none_yet);
  }

 private:
  std::vector<int> block_sizes_;
  FreeSet free_;
  std::vector<TermCost> terms_;
};

}  // namespace smplceres
