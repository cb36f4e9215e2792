// A stage's objective on an observation: its terms, what it lets move, and the ceres::Problem made of both.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ceres/problem.h"
#include "smplceres/evidence/scene.h"
#include "smplceres/objective/stage.h"
#include "smplceres/objective/state.h"
#include "smplceres/objective/term_costs.h"

namespace smplceres {

class Objective {
 public:
  // As MakeTermCosts.
  Objective(const Stage& stage, const Scene& scene, const State& state);

  // Terms that no frame is part of, by name and blocks. Of many frames that share those blocks each counts
  // once: what was added or counted before is left out, and what is, noted.
  using SharedTerms = std::set<std::pair<std::string, std::vector<int>>>;
  // Notes a term; false for one that was noted before.
  static bool CountsNow(const TermCost& term, SharedTerms* noted);

  // Adds the cost functions to a problem over these blocks (Variables::blocks), what the stage holds held
  // constant. The problem must not own cost functions; the objective must outlive it.
  void AddTo(ceres::Problem* problem, const std::vector<double*>& blocks, SharedTerms* added) const;
  void AddTo(ceres::Problem* problem, const std::vector<double*>& blocks) const {
    SharedTerms none_yet;
    AddTo(problem, blocks, &none_yet);
  }

  const std::vector<TermCost>& terms() const { return terms_; }

  // Whether what moves has bounds: a focal length.
  bool is_bounded() const;
  // Whether this view's zoom moves, and |log zoom| <= log kMostZoom.
  bool is_bounded(int view) const { return free_focal_[static_cast<size_t>(view)]; }

  int num_residuals() const;
  int num_parameters() const;  // of all blocks: the columns of `jacobian`

  // Which columns of `jacobian` the stage lets move.
  std::vector<bool> free_parameters() const;

  // Rows of each term in order, (name, count): a pair for each view that sees where it is one of pictures.
  std::vector<std::pair<std::string, int>> rows() const;

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
  // Columns of the frame block that the stage holds, ascending.
  std::vector<int> HeldOfFrame() const;

  Stage stage_;
  FrameLayout layout_;
  std::vector<int> block_sizes_;
  std::vector<bool> free_zoom_;    // of each view
  std::vector<bool> free_motion_;  // of each view, or none
  std::vector<bool> free_focal_;   // of each view: a pinhole's, which has bounds
  std::vector<TermCost> terms_;
};

}  // namespace smplceres
