// The normal equations of one body's objective, gathered term by term (solve/levenberg_marquardt.h).
//
//   H = A A^T + sum over chains C C^T + sum of those that terms know themselves (terms/normal_cost.h)
//
//   C   transposed Jacobian of rows that the same joints move (cost/supported_cost.h), those parameters
//       alone: of keypoints on limbs, head and trunk some five, a sixth of the multiplications
//   A   of all other rows
//
// Parameters are the free numbers of Variables' blocks, in order.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "smplceres/objective/objective.h"
#include "smplceres/objective/variables.h"
#include "smplceres/solve/levenberg_marquardt.h"
#include "smplceres/terms/normal_cost.h"

namespace smplceres {

class BodyEquations final : public NormalEquations {
 public:
  // What the objective holds stays as it is in `variables`. The objective must outlive the equations.
  BodyEquations(const Objective& objective, const Variables& variables);

  // Of the terms for which counts(term), with another free set than the objective's.
  BodyEquations(const Objective& objective,
                const Variables& variables,
                const FreeSet& free,
                const std::function<bool(const TermCost&)>& counts);

  Eigen::VectorXd Start() const;
  // The variables with these free numbers.
  const Variables& At(const Eigen::VectorXd& x);

  // sum |r|^2 by term where they were evaluated first, and at an x; empty where that failed.
  std::map<std::string, double> InitialEnergies() const;
  std::map<std::string, double> EnergiesAt(const Eigen::VectorXd& x);

  int num_parameters() const override { return static_cast<int>(free_.size()); }
  int num_residuals() const override { return num_residuals_; }
  // Those of the frame; they come first.
  int num_of_frame() const { return static_cast<int>(blocks_[kFrame].free.size()); }
  // Where last linearized, or nowhere yet; 1/2 |r|^2, J^T r and the lower triangle of H there.
  const Eigen::VectorXd& linearized_at() const { return last_linearized_.x; }
  double linearized_cost() const;
  const Eigen::VectorXd& gradient() const { return gradient_; }
  const Eigen::MatrixXd& hessian() const { return hessian_; }
  const char* name() const override { return "NORMAL_EQUATIONS"; }
  void Project(Eigen::VectorXd* x) const override;
  bool Cost(const Eigen::VectorXd& x, double* cost) override;
  bool Linearize(const Eigen::VectorXd& x,
                 double* cost,
                 Eigen::VectorXd* gradient,
                 Eigen::VectorXd* diagonal) override;
  bool Solve(const Eigen::VectorXd& damping, Eigen::VectorXd* delta) override;

 private:
  // A term's block: which of its columns are free, and where those stand among the parameters.
  struct Block {
    int size = 0;
    int first = 0;          // parameter of the first free column
    std::vector<int> free;  // columns
    bool whole() const { return static_cast<int>(free.size()) == size; }
  };

  // Rows of a term that the same parameters move.
  struct Chain {
    std::vector<int> rows;
    std::vector<int> parameters;  // ascending
    // Of each parameter: which of the term's blocks, and the column in it.
    std::vector<std::pair<int, int>> columns;
  };

  struct Term {
    const TermInfo* term;
    const ceres::CostFunction* cost;
    const NormalCost* normal;  // null, or the same where it speaks for itself
    std::vector<int> blocks;
    std::vector<Chain> chains;  // none: rows of A
    int row;                    // of residuals_
    int column;                 // of A
  };

  // Costs of the terms at an x; none where one could not be evaluated.
  struct Evaluated {
    Eigen::VectorXd x;
    std::vector<double> costs;
  };

  std::map<std::string, double> EnergiesOf(const Evaluated& evaluated) const;
  const double* const* ParametersOf(const Term& term);
  std::vector<Chain> ChainsOf(const TermCost& term) const;
  bool LinearizeRows(const Term& term);
  void AddChain(const Term& term, const Chain& chain);

  Variables variables_;
  std::vector<double*> free_;  // in variables_
  std::vector<Block> blocks_;
  std::vector<Term> terms_;
  std::vector<int> bounded_;  // parameters: log zooms
  int num_residuals_ = 0;
  Evaluated first_, last_cost_, last_linearized_;
  Eigen::VectorXd gradient_;
  Eigen::MatrixXd hessian_, factor_;
  // Scratch space, Eigen's: where numbers lie decides in which order they are added, and memory of other
  // sources may lie elsewhere the next time.
  Eigen::MatrixXd transposed_jacobian_;  // A; what no term writes is 0
  Eigen::VectorXd residuals_;            // of all terms that do not speak for themselves
  Eigen::MatrixXd chain_;                // C
  Eigen::VectorXd product_;              // a column of C C^T
  Eigen::VectorXd unused_;               // residuals of a term that speaks for itself
  std::vector<Eigen::VectorXd> block_jacobians_;
  std::vector<double*> jacobian_pointers_;
  std::vector<const double*> parameters_;
};

}  // namespace smplceres
