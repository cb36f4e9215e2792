// The extension module smplceres._core, subject by subject.
#include <pybind11/pybind11.h>

#include "ceres/version.h"
#ifdef SMPLCERES_HAVE_GLOG
#include <glog/logging.h>
#endif

namespace smplceres::bindings {

namespace py = pybind11;

void BindBody(py::module_& m);
void BindCollisions(py::module_& m);
void BindCamera(py::module_& m);
void BindStages(py::module_& m);
void BindPerson(py::module_& m);
void BindFit(py::module_& m);
void BindObjective(py::module_& m);
void BindSequence(py::module_& m);

}  // namespace smplceres::bindings

PYBIND11_MODULE(_core, m) {
#ifdef SMPLCERES_HAVE_GLOG
  // Ceres logs through glog, which writes to stderr; what matters comes back in the summaries instead. The
  // level is the process's: it silences other users of the same glog too.
  FLAGS_minloglevel = google::GLOG_FATAL;
#endif
  m.attr("ceres_version") = CERES_VERSION_STRING;
  smplceres::bindings::BindBody(m);
  smplceres::bindings::BindCollisions(m);
  smplceres::bindings::BindCamera(m);
  smplceres::bindings::BindStages(m);
  smplceres::bindings::BindPerson(m);
  smplceres::bindings::BindFit(m);
  smplceres::bindings::BindObjective(m);
  smplceres::bindings::BindSequence(m);
}
