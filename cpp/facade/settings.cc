#include "settings.h"

#include <stdexcept>
#include <string>
#include <thread>

namespace smplceres {

int NumThreads(int threads) {
  if (threads < 0)
    throw std::invalid_argument("threads: expected a whole number >= 0, got " + std::to_string(threads));
  if (threads > 0) return threads;
  const unsigned cores = std::thread::hardware_concurrency();
  return cores > 0 ? static_cast<int>(cores) : 1;
}

}  // namespace smplceres
