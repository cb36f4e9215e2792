// Stages, the options of their terms, and presets.
#include <pybind11/stl.h>

#include <cctype>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/docs.h"
#include "smplceres/equations/observed_frame.h"
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
                                          {"prediction", TermSource::kPrediction},
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

// As Python prints it.
template <typename Field>
std::string Printed(const Field& value) {
  if constexpr (std::is_enum_v<Field>)
    return py::repr(py::str(NameOf(value)));
  else
    return py::repr(py::cast(value));
}

// The documentation of each field ends with its default, except that of options in options.
template <typename Struct, typename Field>
void DefField(py::class_<Struct>& cls, const char* name, Field Struct::*member, std::string doc) {
  if constexpr (!std::is_same_v<Field, SolverOptions>) doc += " Default: " + Printed(Struct().*member) + ".";
  if constexpr (std::is_enum_v<Field>) {
    cls.def_property(
        name,
        [member](const Struct& self) { return NameOf(self.*member); },
        [name, member](Struct& self, const std::string& text) { self.*member = ValueOf<Field>(name, text); },
        doc.c_str());
  } else {
    cls.def_readwrite(name, member, doc.c_str());
  }
}

// The Python class of a term's options: "points3d" has Points3dOptions.
std::string OptionsName(const TermInfo& term) {
  std::string name;
  bool begins_word = true;
  for (const char* c = term.name; *c != '\0'; ++c) {
    if (*c != '_') name += begins_word ? static_cast<char>(std::toupper(*c)) : *c;
    begins_word = *c == '_';
  }
  return name + "Options";
}

// Values of options, or of a stage with its terms, by name.
py::dict ValuesOf(const py::object& options, const std::vector<std::string>& names) {
  py::dict values;
  for (const std::string& name : names) values[py::str(name)] = options.attr(name.c_str());
  return values;
}

// Pickling, and with it copy.deepcopy; comparison; a representation that lists what differs from a new
// object.
template <typename Options>
void DefValues(py::class_<Options>& cls,
               const std::string& class_name,
               const std::vector<std::string>& names) {
  cls.def(py::pickle([names](const py::object& self) { return ValuesOf(self, names); },
                     [](const py::dict& values) {
                       Options options;
                       const py::object made = py::cast(&options, py::return_value_policy::reference);
                       for (const auto& [name, value] : values) py::setattr(made, name, value);
                       return options;
                     }));
  cls.def(
      "__eq__",
      [names](const py::object& self, const py::object& other) {
        return py::isinstance<Options>(other) && ValuesOf(self, names).equal(ValuesOf(other, names));
      },
      py::arg("other"));
  cls.attr("__hash__") = py::none();
  cls.def("__repr__", [names, class_name](const py::object& self) {
    const py::object fresh = py::cast(Options());
    std::string text;
    for (const std::string& name : names) {
      const py::object value = self.attr(name.c_str());
      if (value.equal(fresh.attr(name.c_str()))) continue;
      text += (text.empty() ? "" : ", ") + name + "=" + py::repr(value).cast<std::string>();
    }
    return class_name + "(" + text + ")";
  });
}

template <typename Options>
py::class_<Options> BindOptions(py::module_& m, const std::string& name, const std::string& doc) {
  py::class_<Options> cls(m, name.c_str(), doc.c_str());
  cls.def(py::init<>());
  std::vector<std::string> names;
  Options::ForEachField([&](const char* field, auto member, const char* of_field) {
    DefField(cls, field, member, of_field);
    names.push_back(field);
  });
  if constexpr (std::is_same_v<Options, Stage>)
    ForEachTerm([&](const TermInfo& term, auto) { names.push_back(term.name); });
  DefValues(cls, name, names);
  return cls;
}

}  // namespace

void BindStages(py::module_& m) {
  py::class_<TermInfo, std::unique_ptr<TermInfo, py::nodelete>>(
      m, "TermInfo", "An energy term: its name, the source of its information, and its scale as a density.")
      .def_readonly(
          "name", &TermInfo::name, "The member of `Stage` with its options, and the key in energies.")
      .def_property_readonly(
          "source",
          [](const TermInfo& term) { return NameOf(term.source); },
          "image, space, ground, pose, collision, shape, person, place, camera or motion.")
      .def_readonly(
          "density_weight",
          &TermInfo::density_weight,
          Doc(R"(Weight at which E = -2 log p up to a constant; 0: the energy is not the negative log of a
              density, or of one that depends on the noise.
          )"))
      .def_property_readonly(
          "is_reapplied", &IsReappliedPrior, "True for priors that a tracker applies anew at every update.")
      .def("__repr__", [](const TermInfo& term) { return "TermInfo(" + std::string(term.name) + ")"; });

  BindOptions<SolverOptions>(m, "SolverOptions", "Options of the solver of a stage.");
  py::class_<Stage> stage = BindOptions<Stage>(
      m,
      "Stage",
      "One stage of a fit: its free variables, its terms with their weights, and the options "
      "of the solver.\n\nA new stage has no terms: all weights are 0.");
  stage.def(
      "__copy__", [](const Stage& self) { return Stage(self); }, "A copy, with copies of the options.");
  py::dict terms;
  ForEachTerm([&](const TermInfo& term, auto member) {
    using Options = std::decay_t<decltype(std::declval<Stage>().*member)>;
    BindOptions<Options>(m, OptionsName(term), "Options of the term `" + std::string(term.name) + "`.");
    stage.def_readwrite(term.name, member);
    terms[term.name] = py::cast(&term, py::return_value_policy::reference);
  });
  m.attr("TERMS") = terms;

  m.attr("GAUSSIAN_WEIGHT") = kGaussianWeight;
  m.def("default_stages",
        &DefaultStages,
        "The stages of `fit`; with masks for views with a mask.",
        py::arg("mask"));
  m.def("cloud_stages",
        &CloudStages,
        "The stages of `fit` with point clouds; with masks for views with a mask.",
        py::arg("mask"));
  m.def("whole_body_stages", &WholeBodyStages, "The stages for keypoints of hands and faces.");
  m.def("smplify_x_stages",
        &SmplifyXStages,
        "The stages of SMPLify-X. Source: Pavlakos et al., Expressive Body Capture, 2019, and its code.");
  m.def("smplify_stages",
        &SmplifyStages,
        "The stages of SMPLify. Source: Bogo et al., Keep it SMPL, 2016, and its code.");
  m.def("sequence_stages", &SequenceStages, "The stages of all frames of a sequence together.");
  m.def("joints3d_stages", &Joints3dStages, "The stages of a fit to points measured in space.");
  m.def("tracker_stage", &TrackerStage, "The stage of an update of a tracker.");
  m.def("tracker_cold_stages", &TrackerColdStages, "The stages by which a tracker finds a person.");
}

}  // namespace smplceres::bindings
