// The extension module smplceres._native._core, of which there is one file per instruction set.
#include <pybind11/pybind11.h>

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
void BindStages(py::module_& m);
void BindPerson(py::module_& m);
void BindFit(py::module_& m);
void BindCloud(py::module_& m);
void BindObjective(py::module_& m);
void BindSequence(py::module_& m);
void BindClip(py::module_& m);
void BindTracker(py::module_& m);
void BindMask(py::module_& m);
void BindOutline(py::module_& m);
void BindTables(py::module_& m);
void BindTiming(py::module_& m);

namespace {

#ifdef _MSC_VER
constexpr const char* kCompiler = "MSVC";
#else
constexpr const char* kCompiler = __VERSION__;
#endif

// How this core was built.
py::dict Build() {
  py::dict build;
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
  // Ceres logs to stderr through glog; its reports are returned in summaries instead. The level applies to
  // the process, so it also silences other users of the same glog.
  FLAGS_minloglevel = google::GLOG_FATAL;
#endif
  m.def("build", &smplceres::bindings::Build);
  smplceres::bindings::BindBody(m);
  smplceres::bindings::BindCollisions(m);
  smplceres::bindings::BindCamera(m);
  smplceres::bindings::BindPaint(m);
  smplceres::bindings::BindStages(m);
  smplceres::bindings::BindPerson(m);
  smplceres::bindings::BindMask(m);
  smplceres::bindings::BindFit(m);
  smplceres::bindings::BindCloud(m);
  smplceres::bindings::BindObjective(m);
  smplceres::bindings::BindSequence(m);
  smplceres::bindings::BindClip(m);
  smplceres::bindings::BindTracker(m);
  smplceres::bindings::BindOutline(m);
  smplceres::bindings::BindTables(m);
  smplceres::bindings::BindTiming(m);
}
