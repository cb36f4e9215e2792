// The normal equations of one body's objective, accumulated term by term (solve/normal_equations.h).
//
//   H = A A^T + sum over chains C C^T + sum over terms that add theirs directly (terms/normal_cost.h)
//
//   C   transposed Jacobian of rows that depend on the same joints (cost/supported_cost.h), without its zero
//       columns. Keypoints form about five chains (limbs, head and trunk), with a sixth of the
//       multiplications
//   A   transposed Jacobian of all other rows
//
// Parameters are the free elements of Variables' blocks, in order.
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
  // Variables that the objective holds constant keep their values. The objective must outlive the equations.
  BodyEquations(const Objective& objective, const Variables& variables);

  // Uses only the terms for which includes(term) is true, and `free` instead of the objective's free set.
  BodyEquations(const Objective& objective,
                const Variables& variables,
                const FreeSet& free,
                const std::function<bool(const TermCost&)>& includes);

  Eigen::VectorXd Start() const;
  // The variables with x as their free elements.
  const Variables& At(const Eigen::VectorXd& x);

  // sum |r|^2 by term, at the first linearization and at x; empty if the evaluation failed.
  std::map<std::string, double> InitialEnergies() const;
  std::map<std::string, double> EnergiesAt(const Eigen::VectorXd& x);

  int num_parameters() const override { return static_cast<int>(free_.size()); }
  int num_residuals() const override { return num_residuals_; }
  // Number of the frame's parameters, which come first.
  int num_of_frame() const { return static_cast<int>(blocks_[kFrame].free.size()); }
  // The last linearization: x (empty before the first), 1/2 |r|^2, J^T r and the lower triangle of H.
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
  // The free columns of a parameter block.
  struct Block {
    int size = 0;
    int first = 0;          // parameter index of the first free column
    std::vector<int> free;  // columns
    bool whole() const { return static_cast<int>(free.size()) == size; }
  };

  // Rows of a term that depend on the same parameters.
  struct Chain {
    std::vector<int> rows;
    std::vector<int> parameters;  // ascending
    // For each parameter: index among the term's blocks, and column in that block.
    std::vector<std::pair<int, int>> columns;
  };

  struct Term {
    const TermInfo* term;
    const ceres::CostFunction* cost;
    const NormalCost* normal;  // `cost` if it adds its normal equations directly, or null
    std::vector<int> blocks;
    std::vector<Chain> chains;  // if empty, the rows belong to A
    int row;                    // first row in residuals_
    int column;                 // first column in A
  };

  // Costs of the terms at x; empty if one could not be evaluated.
  struct Evaluated {
    Eigen::VectorXd x;
    std::vector<double> costs;
  };

  std::map<std::string, double> EnergiesOf(const Evaluated& evaluated) const;
  const double* const* ParametersOf(const Term& term);
  std::vector<Chain> ChainsOf(const TermCost& term) const;
  bool LinearizeRows(const Term& term);
  void AddChain(const Term& term, const Chain& chain);
  bool AddNormal(const Term& term, double* cost);

  Variables variables_;
  std::vector<double*> free_;  // in variables_
  std::vector<Block> blocks_;
  std::vector<Term> terms_;
  std::vector<int> bounded_;  // parameters with bounds, log zooms
  int num_residuals_ = 0;
  Evaluated first_, last_cost_, last_linearized_;
  Eigen::VectorXd gradient_;
  Eigen::MatrixXd hessian_, factor_;
  // Scratch space. It is allocated by Eigen, because the order of summation depends on alignment, which other
  // allocators do not guarantee.
  Eigen::MatrixXd transposed_jacobian_;  // A; elements that no term writes are 0
  Eigen::VectorXd residuals_;            // of all terms without direct normal equations
  Eigen::MatrixXd chain_;                // C
  Eigen::VectorXd product_;              // a column of C C^T
  Eigen::MatrixXd products_;             // the lower triangle of C C^T, of many rows
  Eigen::VectorXd unused_;               // residuals of a term with direct normal equations
  Eigen::VectorXd block_gradient_;       // of such a term whose block is partly free
  Eigen::MatrixXd block_hessian_;
  std::vector<Eigen::VectorXd> block_jacobians_;
  std::vector<double*> jacobian_pointers_;
  std::vector<const double*> parameters_;
};

}  // namespace smplceres
