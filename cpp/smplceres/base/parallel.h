// Runs independent jobs on several threads.
//
// Results are bitwise identical for any number of threads, provided that no two jobs write to the same
// memory.
#pragma once

#include <functional>

#include "smplceres/base/interrupted.h"

namespace smplceres {

using Job = std::function<void(int index, const Interrupted& interrupted)>;

// Runs jobs 0 to count - 1 on up to `threads` threads, including the caller's, and waits for all of them.
// Only the caller's thread calls `interrupted` (which may be empty), at least every 20 ms; once it returns
// true, no further job starts, and the `interrupted` of the running ones returns true. Rethrows the exception
// of a job; of several, the one with the lowest index.
void RunJobs(int count, int threads, const Interrupted& interrupted, const Job& job);

}  // namespace smplceres
