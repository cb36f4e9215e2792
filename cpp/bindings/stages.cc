// Stage and the options structs in it; the pose priors. Defaults are the C++ structs' own.
#include <pybind11/stl.h>

#include <utility>
#include <vector>

#include "arrays.h"
#include "smplceres/objective/stage.h"

namespace smplceres::bindings {
namespace {

// A closed set of names for an enum, read and written as strings.
template <typename Enum>
using Names = std::vector<std::pair<const char*, Enum>>;

const Names<Robust> kRobust = {
    {"none", Robust::kNone}, {"huber", Robust::kHuber}, {"geman_mcclure", Robust::kGemanMcClure}};
const Names<Overlap> kOverlap = {
    {"gaussian", Overlap::kGaussian}, {"depth", Overlap::kDepth}, {"patches", Overlap::kPatches}};
const Names<Minimizer> kMinimizer = {
    {"lm", Minimizer::kLevenbergMarquardt}, {"dogleg", Minimizer::kDogleg}, {"lbfgs", Minimizer::kLbfgs}};
const Names<JacobianMethod> kJacobian = {{"fast", JacobianMethod::kFast},
                                         {"autodiff", JacobianMethod::kAutodiff}};

template <typename Struct, typename Enum>
void DefNamed(py::class_<Struct>& cls, const char* name, Enum Struct::*member, const Names<Enum>& names) {
  cls.def_property(
      name,
      [member, &names](const Struct& self) -> std::string {
        for (const auto& [text, value] : names)
          if (value == self.*member) return text;
        return "";
      },
      [name, member, &names](Struct& self, const std::string& text) {
        std::string known;
        for (const auto& [candidate, value] : names) {
          if (text == candidate) {
            self.*member = value;
            return;
          }
          known += (known.empty() ? "" : ", ") + std::string(candidate);
        }
        throw std::invalid_argument(std::string(name) + ": expected one of " + known + ", got " + text);
      });
}

template <typename Options>
py::class_<Options> BindWeight(py::module_& m, const char* name) {
  return py::class_<Options>(m, name).def(py::init<>()).def_readwrite("weight", &Options::weight);
}

}  // namespace

void BindStages(py::module_& m) {
  py::class_<GaussianPrior, std::shared_ptr<GaussianPrior>>(m, "GaussianPrior")
      .def(py::init([](const Array& mean, const Array& covariance) {
             CheckShape("mean", mean, {kAny});
             CheckShape("covariance", covariance, {kAny, kAny});
             return GaussianPrior::FromCovariance(ToVector(mean), ToMatrix(covariance, covariance.shape(0)));
           }),
           py::arg("mean"),
           py::arg("covariance"))
      .def_property_readonly(
          "mean", [](const GaussianPrior& prior) { return ToArray(prior.mean, {prior.mean.size()}); });

  py::class_<MixturePrior, std::shared_ptr<MixturePrior>>(m, "MixturePrior")
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
           py::arg("weights"),
           py::arg("means"),
           py::arg("covars"));

  py::class_<JointLimits, std::shared_ptr<JointLimits>>(m, "JointLimits")
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
           py::arg("axes"),
           py::arg("lower"),
           py::arg("upper"))
      .def("__len__", [](const JointLimits& limits) { return limits.joints.size(); })
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
          py::arg("body_pose"));

  BindWeight<PosePriorOptions>(m, "PosePriorOptions")
      .def_readwrite("from_zero", &PosePriorOptions::from_zero);
  BindWeight<AnglePriorOptions>(m, "AnglePriorOptions");
  py::class_<JointLimitOptions>(m, "JointLimitOptions")
      .def(py::init<>())
      .def_readwrite("weight", &JointLimitOptions::weight)
      .def_readwrite("softness", &JointLimitOptions::softness);
  BindWeight<ShapePriorOptions>(m, "ShapePriorOptions");
  BindWeight<DepthPriorOptions>(m, "DepthPriorOptions");
  BindWeight<FocalPriorOptions>(m, "FocalPriorOptions");
  BindWeight<CameraPriorOptions>(m, "CameraPriorOptions");

  py::class_<InterpenetrationOptions> interpenetration(m, "InterpenetrationOptions");
  interpenetration.def(py::init<>())
      .def_readwrite("weight", &InterpenetrationOptions::weight)
      .def_readwrite("width", &InterpenetrationOptions::width)
      .def_readwrite("inflate", &InterpenetrationOptions::inflate)
      .def_readwrite("shape", &InterpenetrationOptions::shape);
  DefNamed(interpenetration, "overlap", &InterpenetrationOptions::overlap, kOverlap);

  py::class_<ReprojectionOptions> reprojection(m, "ReprojectionOptions");
  reprojection.def(py::init<>())
      .def_readwrite("weight", &ReprojectionOptions::weight)
      .def_readwrite("sigma", &ReprojectionOptions::sigma)
      .def_readwrite("per_point", &ReprojectionOptions::per_point)
      .def_readwrite("pixels_per_metre", &ReprojectionOptions::pixels_per_metre)
      .def_readwrite("shoulder_weight", &ReprojectionOptions::shoulder_weight)
      .def_readwrite("neck_weight", &ReprojectionOptions::neck_weight)
      .def_readwrite("hip_weight", &ReprojectionOptions::hip_weight)
      .def_readwrite("head_weight", &ReprojectionOptions::head_weight)
      .def_readwrite("limb_weight", &ReprojectionOptions::limb_weight);
  DefNamed(reprojection, "robust", &ReprojectionOptions::robust, kRobust);

  py::class_<Points3dOptions> points3d(m, "Points3dOptions");
  points3d.def(py::init<>())
      .def_readwrite("weight", &Points3dOptions::weight)
      .def_readwrite("sigma", &Points3dOptions::sigma);
  DefNamed(points3d, "robust", &Points3dOptions::robust, kRobust);

  py::class_<CloudOptions> cloud(m, "CloudOptions");
  cloud.def(py::init<>())
      .def_readwrite("weight", &CloudOptions::weight)
      .def_readwrite("width", &CloudOptions::width)
      .def_readwrite("gate", &CloudOptions::gate)
      .def_readwrite("max_turn", &CloudOptions::max_turn)
      .def_readwrite("max_points", &CloudOptions::max_points);
  DefNamed(cloud, "robust", &CloudOptions::robust, kRobust);
  py::class_<SilhouetteInsideOptions> silhouette_inside(m, "SilhouetteInsideOptions");
  silhouette_inside.def(py::init<>())
      .def_readwrite("weight", &SilhouetteInsideOptions::weight)
      .def_readwrite("sigma", &SilhouetteInsideOptions::sigma)
      .def_readwrite("points", &SilhouetteInsideOptions::points);
  DefNamed(silhouette_inside, "robust", &SilhouetteInsideOptions::robust, kRobust);

  py::class_<SilhouetteContourOptions> silhouette_contour(m, "SilhouetteContourOptions");
  silhouette_contour.def(py::init<>())
      .def_readwrite("weight", &SilhouetteContourOptions::weight)
      .def_readwrite("sigma", &SilhouetteContourOptions::sigma)
      .def_readwrite("max_turn", &SilhouetteContourOptions::max_turn);
  DefNamed(silhouette_contour, "robust", &SilhouetteContourOptions::robust, kRobust);

  py::class_<AccelerationOptions>(m, "AccelerationOptions")
      .def(py::init<>())
      .def_readwrite("weight", &AccelerationOptions::weight)
      .def_readwrite("sigma", &AccelerationOptions::sigma);
  py::class_<RotationWalkOptions>(m, "RotationWalkOptions")
      .def(py::init<>())
      .def_readwrite("weight", &RotationWalkOptions::weight)
      .def_readwrite("sigma", &RotationWalkOptions::sigma);
  BindWeight<BodyLengthOptions>(m, "BodyLengthOptions");
  BindWeight<GroundOptions>(m, "GroundOptions");

  py::class_<SolverOptions> solver(m, "SolverOptions");
  solver.def(py::init<>())
      .def_readwrite("linear_solver", &SolverOptions::linear_solver)
      .def_readwrite("num_threads", &SolverOptions::num_threads)
      .def_readwrite("max_iterations", &SolverOptions::max_iterations)
      .def_readwrite("function_tolerance", &SolverOptions::function_tolerance)
      .def_readwrite("gradient_tolerance", &SolverOptions::gradient_tolerance)
      .def_readwrite("parameter_tolerance", &SolverOptions::parameter_tolerance)
      .def_readwrite("initial_trust_region_radius", &SolverOptions::initial_trust_region_radius);
  DefNamed(solver, "minimizer", &SolverOptions::minimizer, kMinimizer);
  DefNamed(solver, "jacobian", &SolverOptions::jacobian, kJacobian);

  py::class_<Stage>(m, "Stage")
      .def(py::init<>())
      .def("__copy__", [](const Stage& stage) { return Stage(stage); })
      .def_readwrite("name", &Stage::name)
      .def_readwrite("free_global_orient", &Stage::free_global_orient)
      .def_readwrite("free_body_pose", &Stage::free_body_pose)
      .def_readwrite("free_transl", &Stage::free_transl)
      .def_readwrite("held_slices", &Stage::held_slices)
      .def_readwrite("free_betas", &Stage::free_betas)
      .def_readwrite("free_focal", &Stage::free_focal)
      .def_readwrite("free_cameras", &Stage::free_cameras)
      .def_readwrite("reprojection", &Stage::reprojection)
      .def_readwrite("pose_prior", &Stage::pose_prior)
      .def_readwrite("angle_prior", &Stage::angle_prior)
      .def_readwrite("joint_limits", &Stage::joint_limits)
      .def_readwrite("shape_prior", &Stage::shape_prior)
      .def_readwrite("depth_prior", &Stage::depth_prior)
      .def_readwrite("focal_prior", &Stage::focal_prior)
      .def_readwrite("camera_prior", &Stage::camera_prior)
      .def_readwrite("interpenetration", &Stage::interpenetration)
      .def_readwrite("points3d", &Stage::points3d)
      .def_readwrite("cloud", &Stage::cloud)
      .def_readwrite("silhouette_inside", &Stage::silhouette_inside)
      .def_readwrite("silhouette_contour", &Stage::silhouette_contour)
      .def_readwrite("acceleration", &Stage::acceleration)
      .def_readwrite("rotation_walk", &Stage::rotation_walk)
      .def_readwrite("height", &Stage::height)
      .def_readwrite("limb_lengths", &Stage::limb_lengths)
      .def_readwrite("ground", &Stage::ground)
      .def_readwrite("rounds", &Stage::rounds)
      .def_readwrite("reference_noise", &Stage::reference_noise)
      .def_readwrite("solver", &Stage::solver);
}

}  // namespace smplceres::bindings
