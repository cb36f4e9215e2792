#include "smplceres/terms/priors/body_length.h"

#include <cmath>
#include <utility>

#include "ceres/jet.h"

namespace smplceres {

namespace {

struct BodyLength {
  template <typename T>
  T operator()(const T* d) const {
    using std::sqrt;
    return scale / sigma * (sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) - length);
  }

  double length, sigma, scale;  // scale = sqrt(weight)
};

}  // namespace

BodyLengthsCost::BodyLengthsCost(const TermInfo& term, double weight, BodyLengths lengths)
    : scale_(ResidualScale(term, weight)), lengths_(std::move(lengths)) {
  set_num_residuals(lengths_.size());
  mutable_parameter_block_sizes()->push_back(static_cast<int>(lengths_.S.cols()));
}

bool BodyLengthsCost::Evaluate(double const* const* parameters, double* residuals, double** jacobians) const {
  const Eigen::Map<const Eigen::VectorXd> betas(parameters[0], lengths_.S.cols());
  const bool wanted = jacobians != nullptr && jacobians[0] != nullptr;
  for (int i = 0; i < lengths_.size(); ++i) {
    using Jet = ceres::Jet<double, 3>;
    const auto S = lengths_.S.middleRows<3>(3 * i);
    const Eigen::Vector3d d = lengths_.a.row(i).transpose() + S * betas;
    if (!(d.squaredNorm() > 0.0)) return false;  // |.| has no derivative at 0
    const Jet of_axes[] = {Jet(d[0], 0), Jet(d[1], 1), Jet(d[2], 2)};
    const Jet residual = BodyLength{lengths_.length[i], lengths_.sigma[i], scale_}(of_axes);
    residuals[i] = residual.a;
    if (wanted)
      Eigen::Map<Eigen::VectorXd>(jacobians[0] + i * betas.size(), betas.size()) = S.transpose() * residual.v;
  }
  return true;
}

}  // namespace smplceres
