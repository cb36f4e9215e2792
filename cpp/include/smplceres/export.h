// Symbol visibility of the shared library.
#pragma once

#if defined(_WIN32)
#if defined(SMPLCERES_BUILDS_LIBRARY)
#define SMPLCERES_EXPORT __declspec(dllexport)
#else
#define SMPLCERES_EXPORT __declspec(dllimport)
#endif
#else
#define SMPLCERES_EXPORT __attribute__((visibility("default")))
#endif
