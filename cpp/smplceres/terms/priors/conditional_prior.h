// Prior on the body pose given the keypoints, Student's t distribution, whose location and scale a network
// predicts from the image (lift/lifter.h):
//
//   E = weight (nu + D) / 2 log( 1 + s / nu ),   s = | A (x - mu) |^2
//
//   x        the first D numbers of body_pose (axis-angle, radians)
//   mu, A    location, and square root of the precision matrix A^T A
//   nu       degrees of freedom. Where the image contradicts the prediction, s is large and E grows only
//            logarithmically: the force of the term, (nu + D) / (nu + s), falls to zero
//
// Residual: D rows, A (x - mu) sqrt( E / s ).
//
// The prediction already contains how probable poses are. So in images with one, `unconditional` multiplies
// the weights of all priors on poses that know nothing of the image (TermSource::kPose).
#pragma once

#include <Eigen/Core>
#include <memory>

#include "smplceres/terms/normal_cost.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kConditionalPriorTerm{"conditional_prior", TermSource::kPrediction, 2.0};

struct ConditionalPriorOptions {
  double weight = 0.0;
  double unconditional = 1.0;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &ConditionalPriorOptions::weight, kWeightDoc);
    visit("unconditional",
          &ConditionalPriorOptions::unconditional,
          "Factor on the weights of pose_prior, angle_prior and joint_limits in images with a prediction, >= "
          "0.");
  }
};

struct ConditionalPose {
  Eigen::VectorXd mean;            // D
  Eigen::MatrixXd precision_root;  // A: D x D
  Eigen::MatrixXd precision;       // A^T A
  double degrees_of_freedom = 1.0;
};

// A cost of the block that holds body_pose. The distribution must outlive it.
class ConditionalPriorCost final : public NormalCost {
 public:
  ConditionalPriorCost(const ConditionalPose& pose, double weight, Slice body_pose);

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override;
  bool AddNormal(const double* x,
                 double* cost,
                 Eigen::Ref<Eigen::VectorXd> gradient,
                 Eigen::Ref<Eigen::MatrixXd> hessian) const override;

 private:
  // f = sqrt(E / s) and its derivative with respect to s. The Jacobian of the residual is
  // ( f I + 2 f' e e^T ) A with e = A (x - mu).
  struct Factor {
    double f, derivative;
  };
  Factor FactorAt(double s) const;

  const ConditionalPose& pose_;
  double scale_;  // of E: weight (nu + D) / 2
  int begin_, size_, dim_;
};

}  // namespace smplceres
