// Handles Ctrl-C while the core runs.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>

namespace smplceres::bindings {

namespace py = pybind11;

// Checks Python for pending signals, at most every 20 ms because acquiring the GIL may wait for other
// threads.
class SignalCheck {
 public:
  bool operator()() {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(20)) return false;
    last_ = now;
    const py::gil_scoped_acquire acquire;
    return PyErr_CheckSignals() != 0;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace smplceres::bindings
