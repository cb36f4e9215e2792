// The extension module smplceres._core, subject by subject: one such file for each instruction set.
#include <pybind11/pybind11.h>
#include <pybind11/typing.h>

#include <Eigen/Core>
#include <string>

#include "ceres/internal/config.h"
#include "ceres/version.h"
#ifdef SMPLCERES_HAVE_GLOG
#include <glog/logging.h>
#endif

namespace smplceres::bindings {

namespace py = pybind11;

void BindBody(py::module_& m);
void BindCollisions(py::module_& m);
void BindCamera(py::module_& m);
void BindPaint(py::module_& m);
void BindPriors(py::module_& m);
void BindStages(py::module_& m);
void BindPerson(py::module_& m);
void BindMask(py::module_& m);
void BindCloud(py::module_& m);
void BindView(py::module_& m);
void BindLifter(py::module_& m);
void BindScene(py::module_& m);
void BindState(py::module_& m);
void BindSummary(py::module_& m);
void BindFit(py::module_& m);
void BindObjective(py::module_& m);
void BindSequence(py::module_& m);
void BindClip(py::module_& m);
void BindTracker(py::module_& m);
void BindOutline(py::module_& m);
void BindCloudMatch(py::module_& m);
void BindTables(py::module_& m);
void BindTiming(py::module_& m);

namespace {

#ifdef _MSC_VER
constexpr const char* kCompiler = "MSVC";
#else
constexpr const char* kCompiler = __VERSION__;
#endif

// What this core was made of.
auto Build() {
  py::typing::Dict<py::str, py::typing::Union<py::str, bool>> build;
  build["arch"] = SMPLCERES_ARCH;
  build["ceres"] = CERES_VERSION_STRING;
  build["ceres_from"] = SMPLCERES_CERES_FROM;
#ifdef CERES_NO_SUITESPARSE
  build["suitesparse"] = false;
#else
  build["suitesparse"] = true;
#endif
  build["eigen"] = std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
                   std::to_string(EIGEN_MINOR_VERSION);
  build["simd"] = Eigen::SimdInstructionSetsInUse();
  build["compiler"] = kCompiler;
  return build;
}

}  // namespace
}  // namespace smplceres::bindings

PYBIND11_MODULE(_core, m) {
#ifdef SMPLCERES_HAVE_GLOG
  // Ceres logs through glog, which writes to stderr; what matters comes back in the summaries instead. The
  // level is the process's: it silences other users of the same glog too.
  FLAGS_minloglevel = google::GLOG_FATAL;
#endif
  m.doc() =
      "The C++ core: body, cameras, terms and solver. Arrays are copied in and out, never written to.\n\n"
      "Metres, radians, pixels, seconds. V vertices, J joints, B betas, F faces, K keypoints. An array of a\n"
      "wrong shape, NaN or a number out of range is a ValueError that names the argument, the expected and\n"
      "the actual value.";
  m.def("build", &smplceres::bindings::Build, "Build options of this core; see `smplceres.build_info`.");
  // In this order, since signatures name only types that are bound before.
  smplceres::bindings::BindBody(m);
  smplceres::bindings::BindCollisions(m);
  smplceres::bindings::BindCamera(m);
  smplceres::bindings::BindPaint(m);
  smplceres::bindings::BindPriors(m);
  smplceres::bindings::BindStages(m);
  smplceres::bindings::BindPerson(m);
  smplceres::bindings::BindMask(m);
  smplceres::bindings::BindCloud(m);
  smplceres::bindings::BindView(m);
  smplceres::bindings::BindLifter(m);
  smplceres::bindings::BindScene(m);
  smplceres::bindings::BindState(m);
  smplceres::bindings::BindSummary(m);
  smplceres::bindings::BindFit(m);
  smplceres::bindings::BindObjective(m);
  smplceres::bindings::BindSequence(m);
  smplceres::bindings::BindClip(m);
  smplceres::bindings::BindTracker(m);
  smplceres::bindings::BindOutline(m);
  smplceres::bindings::BindCloudMatch(m);
  smplceres::bindings::BindTables(m);
  smplceres::bindings::BindTiming(m);
}
