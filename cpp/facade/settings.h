// Settings of the facade as the core has them.
#pragma once

namespace smplceres {

// As many threads as asked for, or as there are cores for 0. Throws std::invalid_argument for fewer.
int NumThreads(int threads);

}  // namespace smplceres
