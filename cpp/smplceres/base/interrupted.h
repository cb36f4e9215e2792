// A request to stop a computation.
#pragma once

#include <functional>

namespace smplceres {

// Called between the steps of a computation, which stops in its current state when the result is true. An
// empty function never stops it.
using Interrupted = std::function<bool()>;

}  // namespace smplceres
