// Computations without the GIL, which Ctrl-C interrupts.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <functional>
#include <type_traits>

#include "smplceres/base/interrupted.h"

namespace smplceres::bindings {

namespace py = pybind11;

// Asks Python for pending signals (Ctrl-C) at most every 20 ms, since taking the GIL may wait for other
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

// compute(interrupted), computed without the GIL. Throws py::error_already_set if a signal's handler raised.
template <typename Compute>
auto WithoutGil(const Compute& compute) {
  const auto run = [&] {
    SignalCheck check;
    const Interrupted interrupted = std::ref(check);  // jobs copy it while the calling thread checks
    const py::gil_scoped_release release;
    return compute(interrupted);
  };
  const auto throw_if_raised = [] {
    if (PyErr_Occurred() != nullptr) throw py::error_already_set();
  };
  if constexpr (std::is_void_v<decltype(run())>) {
    run();
    throw_if_raised();
  } else {
    auto result = run();
    throw_if_raised();
    return result;
  }
}

}  // namespace smplceres::bindings
