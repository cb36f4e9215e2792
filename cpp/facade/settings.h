// Conversion of the facade's settings to the core's.
#pragma once

namespace smplceres {

// The number of threads: `threads`, or the number of cores if it is 0. Throws
// std::invalid_argument if it is negative.
int NumThreads(int threads);

}  // namespace smplceres
