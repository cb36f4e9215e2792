// A stage's terms on an observation, as Ceres cost functions, and the ceres::Problem made of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ceres/cost_function.h"
#include "ceres/problem.h"
#include "smplceres/problem/observations.h"
#include "smplceres/problem/stage.h"
#include "smplceres/problem/variables.h"
#include "smplceres/terms/point_term.h"

namespace smplceres {

// Where the body was put before the first stage; depth prior and residual unit refer to it.
struct InitialPlace {
  Eigen::Vector3d transl = Eigen::Vector3d::Zero();  // metres
  double pixels_per_metre = 0.0;                     // in the picture, at the body's depth
};

// What a body's joints are held by.
struct Priors {
  const PosePrior& pose;
  const JointLimits* joint_limits;  // null: none, whatever a stage's weight
};

class Objective {
 public:
  // The root's anchor is taken from `variables`; priors and observations must outlive the objective.
  // Throws std::invalid_argument for options out of range.
  Objective(const Stage& stage,
            const Observations& observations,
            const Priors& priors,
            const InitialPlace& place,
            const Variables& variables);

  // Adds the cost functions to a problem over `variables`, what the stage holds held constant. The problem
  // must not own cost functions.
  void AddTo(ceres::Problem* problem, Variables* variables) const;

  int num_residuals() const;
  int num_parameters() const;  // frame, betas, camera: the columns of `jacobian`

  // Which columns of `jacobian` the stage lets move.
  std::vector<bool> free_parameters() const;

  // Rows of each term in order: (name, count).
  std::vector<std::pair<std::string, int>> rows() const;

  // residuals: num_residuals(). jacobian: num_residuals() x num_parameters(), or null. Both are filled with
  // NaN first, so that an unwritten number shows. False where a term cannot be evaluated.
  bool Evaluate(const Variables& variables, Eigen::VectorXd* residuals, RowMatrix* jacobian) const;

  // sum |r|^2 by term; empty where a term cannot be evaluated.
  std::map<std::string, double> Energies(const Variables& variables) const;

 private:
  enum Block { kFrame, kBetas, kCamera, kNumBlocks };

  struct TermCost {
    std::string name;
    std::unique_ptr<ceres::CostFunction> cost;
    std::vector<Block> blocks;
  };

  // Columns of the frame block that the stage holds, ascending.
  std::vector<int> HeldOfFrame() const;

  // Null where no keypoint has any weight.
  std::unique_ptr<ceres::CostFunction> MakeReprojectionCost(const Observations& observations,
                                                            const InitialPlace& place,
                                                            const Variables& variables) const;
  // Null for a body without limbs that may meet.
  std::unique_ptr<ceres::CostFunction> MakeInterpenetrationCost(const std::shared_ptr<const BodyModel>& model,
                                                                const Variables& variables) const;

  // Of one term of points; null for a term without residuals.
  std::unique_ptr<ceres::CostFunction> MakeTermCost(std::unique_ptr<PointTerm> term,
                                                    const std::shared_ptr<const SkinnedPoints>& points,
                                                    const Observations& observations,
                                                    const Variables& variables) const;

  // Null where no point was measured in space.
  std::unique_ptr<ceres::CostFunction> MakePoints3dCost(const Observations& observations,
                                                        const Variables& variables) const;

  Stage stage_;
  bool free_focal_;
  bool free_zoom_;  // either camera's
  FrameLayout layout_;
  int num_betas_;
  std::vector<TermCost> terms_;
};

}  // namespace smplceres
