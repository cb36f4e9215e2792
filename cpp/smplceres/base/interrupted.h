// A request to stop a computation.
#pragma once

#include <functional>

namespace smplceres {

// Called between the steps of a computation; true stops it at its present state. An empty function never
// does.
using Interrupted = std::function<bool()>;

}  // namespace smplceres
