// Lengths of the person that are known: the standing height, those of limbs.
//
//   E = weight sum_i ( (|a_i + S_i beta| - l_i) / sigma_i )^2
//
//   l_i, sigma_i   a length as measured and its standard deviation (metres)
//   a_i, S_i       what it is on the body at rest: the vector between two points, linear in betas (metres)
//   beta           shape coefficients
//
// Residual: 1 row per length, in standard deviations. A limb's vector is between two joints. The height's
// has its vertical part alone, from the soles to the top of the head, and is never reversed: there |.| is
// linear. No pose is in it.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <utility>

#include "ceres/cost_function.h"
#include "ceres/jet.h"
#include "smplceres/terms/term.h"

namespace smplceres {

struct BodyLengthOptions {
  double weight = 1.0;
};

struct BodyLengths {
  int size() const { return static_cast<int>(length.size()); }

  Eigen::MatrixXd a;       // N x 3
  Eigen::MatrixXd S;       // 3N x B
  Eigen::VectorXd length;  // N
  Eigen::VectorXd sigma;   // N, > 0
};

struct BodyLength {
  template <typename T>
  T operator()(const T* d) const {
    using std::sqrt;
    return scale / sigma * (sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) - length);
  }

  double length, sigma, scale;  // scale = sqrt(weight)
};

// Over the betas block: Jets see the three numbers of each vector alone.
class BodyLengthsCost final : public ceres::CostFunction {
 public:
  // term: its name, for errors.
  BodyLengthsCost(const char* term, double weight, BodyLengths lengths)
      : scale_(ResidualScale(term, weight)), lengths_(std::move(lengths)) {
    set_num_residuals(lengths_.size());
    mutable_parameter_block_sizes()->push_back(static_cast<int>(lengths_.S.cols()));
  }

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    const Eigen::Map<const Eigen::VectorXd> betas(parameters[0], lengths_.S.cols());
    const bool wanted = jacobians != nullptr && jacobians[0] != nullptr;
    for (int i = 0; i < lengths_.size(); ++i) {
      using Jet = ceres::Jet<double, 3>;
      const auto S = lengths_.S.middleRows<3>(3 * i);
      const Eigen::Vector3d d = lengths_.a.row(i).transpose() + S * betas;
      if (!(d.squaredNorm() > 0.0)) return false;  // a length of nothing has no derivative
      const Jet of_axes[] = {Jet(d[0], 0), Jet(d[1], 1), Jet(d[2], 2)};
      const Jet residual = BodyLength{lengths_.length[i], lengths_.sigma[i], scale_}(of_axes);
      residuals[i] = residual.a;
      if (wanted)
        Eigen::Map<Eigen::VectorXd>(jacobians[0] + i * betas.size(), betas.size()) =
            S.transpose() * residual.v;
    }
    return true;
  }

 private:
  double scale_;
  BodyLengths lengths_;
};

}  // namespace smplceres
