// The instruction sets of this processor. It is a separate module, compiled for any processor, which is
// imported before a core that needs more is loaded.
#include <pybind11/pybind11.h>

#ifdef _WIN32
#include <windows.h>
#endif

namespace {

// Whether processor and operating system support x86-64-v3: AVX2, FMA and the bit manipulation instructions.
bool HasV3() {
#if defined(_WIN32) && defined(_M_X64)
  return IsProcessorFeaturePresent(PF_AVX2_INSTRUCTIONS_AVAILABLE) != 0;
#elif defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2");
#else
  return false;
#endif
}

}  // namespace

PYBIND11_MODULE(_cpu, m) { m.def("has_v3", &HasV3); }
