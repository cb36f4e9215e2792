// Stages, options of their terms, presets and pose priors.
#include <pybind11/stl.h>

#include <cctype>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "arrays.h"
#include "smplceres/equations/observed_frame.h"
#include "smplceres/evidence/priors.h"
#include "smplceres/objective/presets.h"
#include "smplceres/objective/stage.h"

namespace smplceres::bindings {
namespace {

// The names of an enum's values, by which Python reads and writes them.
template <typename Enum>
using Names = std::vector<std::pair<const char*, Enum>>;

template <typename Enum>
const Names<Enum>& NamesOf();

template <>
const Names<Robust>& NamesOf() {
  static const Names<Robust> names = {
      {"none", Robust::kNone}, {"huber", Robust::kHuber}, {"geman_mcclure", Robust::kGemanMcClure}};
  return names;
}

template <>
const Names<Overlap>& NamesOf() {
  static const Names<Overlap> names = {
      {"gaussian", Overlap::kGaussian}, {"depth", Overlap::kDepth}, {"patches", Overlap::kPatches}};
  return names;
}

template <>
const Names<Minimizer>& NamesOf() {
  static const Names<Minimizer> names = {
      {"lm", Minimizer::kLevenbergMarquardt}, {"dogleg", Minimizer::kDogleg}, {"lbfgs", Minimizer::kLbfgs}};
  return names;
}

template <>
const Names<JacobianMethod>& NamesOf() {
  static const Names<JacobianMethod> names = {{"fast", JacobianMethod::kFast},
                                              {"autodiff", JacobianMethod::kAutodiff}};
  return names;
}

template <>
const Names<TermSource>& NamesOf() {
  static const Names<TermSource> names = {{"image", TermSource::kImage},
                                          {"space", TermSource::kSpace},
                                          {"ground", TermSource::kGround},
                                          {"pose", TermSource::kPose},
                                          {"collision", TermSource::kCollision},
                                          {"shape", TermSource::kShape},
                                          {"person", TermSource::kPerson},
                                          {"place", TermSource::kPlace},
                                          {"camera", TermSource::kCamera},
                                          {"motion", TermSource::kMotion}};
  return names;
}

template <typename Enum>
std::string NameOf(Enum value) {
  for (const auto& [name, candidate] : NamesOf<Enum>())
    if (candidate == value) return name;
  return "";
}

template <typename Enum>
Enum ValueOf(const char* field, const std::string& text) {
  std::string known;
  for (const auto& [name, value] : NamesOf<Enum>()) {
    if (text == name) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  throw std::invalid_argument(std::string(field) + ": expected one of " + known + ", got " + text);
}

template <typename Struct, typename Field>
void DefField(py::class_<Struct>& cls, const char* name, Field Struct::*member) {
  if constexpr (std::is_enum_v<Field>) {
    cls.def_property(
        name,
        [member](const Struct& self) { return NameOf(self.*member); },
        [name, member](Struct& self, const std::string& text) { self.*member = ValueOf<Field>(name, text); });
  } else {
    cls.def_readwrite(name, member);
  }
}

// The name of the Python class of a term's options, such as Points3dOptions for "points3d".
std::string OptionsName(const TermInfo& term) {
  std::string name;
  bool begins_word = true;
  for (const char* c = term.name; *c != '\0'; ++c) {
    if (*c != '_') name += begins_word ? static_cast<char>(std::toupper(*c)) : *c;
    begins_word = *c == '_';
  }
  return name + "Options";
}

template <typename Options>
void BindOptions(py::module_& m, const std::string& name) {
  py::class_<Options> cls(m, name.c_str());
  cls.def(py::init<>());
  Options::ForEachField([&](const char* field, auto member) { DefField(cls, field, member); });
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

  py::class_<TermInfo, std::unique_ptr<TermInfo, py::nodelete>>(m, "TermInfo")
      .def_readonly("name", &TermInfo::name)
      .def_property_readonly("source", [](const TermInfo& term) { return NameOf(term.source); })
      .def_readonly("density_weight", &TermInfo::density_weight)
      .def_property_readonly("is_reapplied", &IsReappliedPrior)
      .def("__repr__", [](const TermInfo& term) { return "TermInfo(" + std::string(term.name) + ")"; });

  py::class_<SolverOptions> solver(m, "SolverOptions");
  solver.def(py::init<>());
  SolverOptions::ForEachField([&](const char* field, auto member) { DefField(solver, field, member); });

  py::class_<Stage> stage(m, "Stage");
  stage.def(py::init<>())
      .def("__copy__", [](const Stage& self) { return Stage(self); })
      .def_readwrite("name", &Stage::name)
      .def_readwrite("free_global_orient", &Stage::free_global_orient)
      .def_readwrite("free_body_pose", &Stage::free_body_pose)
      .def_readwrite("free_transl", &Stage::free_transl)
      .def_readwrite("held_slices", &Stage::held_slices)
      .def_readwrite("free_betas", &Stage::free_betas)
      .def_readwrite("free_focal", &Stage::free_focal)
      .def_readwrite("free_cameras", &Stage::free_cameras)
      .def_readwrite("rounds", &Stage::rounds)
      .def_readwrite("reference_noise", &Stage::reference_noise)
      .def_readwrite("solver", &Stage::solver);
  py::dict terms;
  ForEachTerm([&](const TermInfo& term, auto member) {
    using Options = std::decay_t<decltype(std::declval<Stage>().*member)>;
    BindOptions<Options>(m, OptionsName(term));
    stage.def_readwrite(term.name, member);
    terms[term.name] = py::cast(&term, py::return_value_policy::reference);
  });
  m.attr("TERMS") = terms;

  m.attr("GAUSSIAN_WEIGHT") = kGaussianWeight;
  m.def("default_stages", &DefaultStages, py::arg("mask"));
  m.def("cloud_stages", &CloudStages, py::arg("mask"));
  m.def("smplify_stages", &SmplifyStages);
  m.def("sequence_stages", &SequenceStages);
  m.def("joints3d_stages", &Joints3dStages);
  m.def("tracker_stage", &TrackerStage);
}

}  // namespace smplceres::bindings
