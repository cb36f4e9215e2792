// Independent jobs on several threads.
//
// Which thread does a job, and when, has no influence on what it computes: results are those of one thread,
// bit for bit, as long as a job writes to its own place alone.
#pragma once

#include <functional>

#include "smplceres/base/interrupted.h"

namespace smplceres {

using Job = std::function<void(int index, const Interrupted& interrupted)>;

// Runs jobs 0 to count - 1 on up to `threads` threads, of which the caller's is one, and waits for all. The
// caller's thread alone asks `interrupted` (which may be empty), at least every 20 ms; once that is true, no
// job begins any more, and those under way are told when they ask. Throws what a job throws, of several the
// first by index.
void RunJobs(int count, int threads, const Interrupted& interrupted, const Job& job);

}  // namespace smplceres
