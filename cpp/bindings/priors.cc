// Priors on poses.
#include "smplceres/evidence/priors.h"

#include <pybind11/stl.h>

#include <memory>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/docs.h"

namespace smplceres::bindings {

void BindPriors(py::module_& m) {
  py::class_<GaussianPrior, std::shared_ptr<GaussianPrior>>(
      m, "GaussianPrior", Doc(R"(A Gaussian over the first D numbers of body_pose.

           E = weight / 2 (x - mean)^T covariance^-1 (x - mean)
           )"))
      .def(py::init([](const Array& mean, const Array& covariance) {
             CheckShape("mean", mean, {kAny});
             CheckShape("covariance", covariance, {kAny, kAny});
             return GaussianPrior::FromCovariance(ToVector(mean), ToMatrix(covariance, covariance.shape(0)));
           }),
           Doc(R"(Args:
               mean: (D,) radians; D a multiple of 3.
               covariance: (D, D), positive definite.

           Raises:
               ValueError: sizes that do not fit, NaN, a covariance that is not positive definite.
           )"),
           py::arg("mean"),
           py::arg("covariance"))
      .def_property_readonly(
          "mean",
          [](const GaussianPrior& prior) { return ToArray(prior.mean, {prior.mean.size()}); },
          "(D,) radians.");

  py::class_<MixturePrior, std::shared_ptr<MixturePrior>>(
      m, "MixturePrior", Doc(R"(The most likely Gaussian of a mixture over the first D numbers of body_pose.

           E = weight min_k [ 1/2 (x - mean_k)^T covar_k^-1 (x - mean_k) - log w_k ],
           w_k = weights_k / ((2 pi)^(D/2) sqrt(det covar_k) / min_j sqrt(det covar_j))

           Source: Bogo et al., Keep it SMPL, 2016, equation 4.
           )"))
      .def(py::init([](const Array& weights, const Array& means, const Array& covars) {
             CheckShape("weights", weights, {kAny});
             const py::ssize_t K = weights.shape(0);
             CheckShape("means", means, {K, kAny});
             const py::ssize_t D = means.shape(1);
             CheckShape("covars", covars, {K, D, D});
             const RowMatrix mean_rows = ToMatrix(means, K);
             const RowMatrix covar_rows = ToMatrix(covars, K * D);
             std::vector<Eigen::VectorXd> component_means;
             std::vector<Eigen::MatrixXd> component_covars;
             for (py::ssize_t k = 0; k < K; ++k) {
               component_means.emplace_back(mean_rows.row(k).transpose());
               component_covars.emplace_back(covar_rows.middleRows(k * D, D));
             }
             const Eigen::VectorXd pi = ToVector(weights);
             return MixturePrior::FromMoments(
                 std::vector<double>(pi.begin(), pi.end()), component_means, component_covars);
           }),
           Doc(R"(Args:
               weights: (N,) > 0, with any sum.
               means: (N, D) radians; D a multiple of 3.
               covars: (N, D, D), each positive definite.

           Raises:
               ValueError: sizes that do not fit, NaN, weights or covariances that are not positive.
           )"),
           py::arg("weights"),
           py::arg("means"),
           py::arg("covars"));

  py::class_<JointLimits, std::shared_ptr<JointLimits>>(
      m, "JointLimits", "Ranges of motion of the first N joints of body_pose: limits of twist and swing.")
      .def(py::init([](const Array& axes, const Array& lower, const Array& upper) {
             CheckShape("lower", lower, {kAny, 3});
             const py::ssize_t joints = lower.shape(0);
             CheckShape("upper", upper, {joints, 3});
             CheckShape("axes", axes, {joints, 3, 3});
             const RowMatrix all_axes = ToMatrix(axes, 3 * joints);
             const RowMatrix lowers = ToMatrix(lower, joints), uppers = ToMatrix(upper, joints);
             JointLimits limits;
             for (py::ssize_t j = 0; j < joints; ++j)
               limits.joints.push_back({all_axes.middleRows(3 * j, 3), lowers.row(j), uppers.row(j)});
             limits.Check();
             return limits;
           }),
           Doc(R"(Args:
               axes: (N, 3, 3) rows b, u, v per joint, orthonormal to 1e-6; b is the bone's axis.
               lower: (N, 3) min twist about b and swing about u and v, radians.
               upper: (N, 3) max twist and swing, > lower.

           Raises:
               ValueError: sizes that do not fit, NaN, axes that are not orthonormal, an empty range.
           )"),
           py::arg("axes"),
           py::arg("lower"),
           py::arg("upper"))
      .def(
          "__len__", [](const JointLimits& limits) { return limits.joints.size(); }, "N.")
      .def(
          "angles",
          [](const JointLimits& limits, const Array& body_pose) {
            const auto joints = static_cast<py::ssize_t>(limits.joints.size());
            CheckShape("body_pose", body_pose, {joints, 3});
            CheckFinite("body_pose", body_pose);
            RowMatrix angles(joints, 3);
            for (py::ssize_t j = 0; j < joints; ++j)
              TwistAndSwing(limits.joints[static_cast<size_t>(j)].axes,
                            body_pose.data() + 3 * j,
                            angles.data() + 3 * j);
            return ToArray(angles, {joints, 3});
          },
          "(N, 3) twist and swing of a pose (N, 3), radians; ValueError for another shape, NaN.",
          py::arg("body_pose"));
}

}  // namespace smplceres::bindings
