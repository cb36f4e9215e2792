// Known lengths of the person: the standing height and lengths of limbs.
//
//   E = weight sum_i ( (|a_i + S_i beta| - l_i) / sigma_i )^2
//
//   l_i, sigma_i   a measured length and its standard deviation (metres)
//   a_i, S_i       the vector between two points of the body at rest, linear in betas (metres)
//   beta           shape coefficients
//
// Residual: 1 row per length, in standard deviations. A limb's vector connects two joints. The height's is
// the vertical component from the soles to the top of the head; it never changes sign, so |.| is linear
// there. The term does not depend on the pose.
// Left out without known lengths, and if the betas are known.
#pragma once

#include <Eigen/Core>

#include "ceres/cost_function.h"
#include "smplceres/terms/term.h"

namespace smplceres {

inline constexpr TermInfo kHeightTerm{"height", TermSource::kPerson, 1.0};
inline constexpr TermInfo kLimbLengthsTerm{"limb_lengths", TermSource::kPerson, 1.0};

struct HeightOptions {
  double weight = 0.0;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &HeightOptions::weight, kWeightDoc);
  }
};

struct LimbLengthsOptions {
  double weight = 0.0;

  template <typename Visitor>
  static void ForEachField(const Visitor& visit) {
    visit("weight", &LimbLengthsOptions::weight, kWeightDoc);
  }
};

struct BodyLengths {
  int size() const { return static_cast<int>(length.size()); }

  Eigen::MatrixXd a;       // N x 3
  Eigen::MatrixXd S;       // 3N x B
  Eigen::VectorXd length;  // N
  Eigen::VectorXd sigma;   // N, > 0
};

// A cost of the betas block. Jets cover only the three components of each vector.
class BodyLengthsCost final : public ceres::CostFunction {
 public:
  BodyLengthsCost(const TermInfo& term, double weight, BodyLengths lengths);

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override;

 private:
  double scale_;
  BodyLengths lengths_;
};

}  // namespace smplceres
