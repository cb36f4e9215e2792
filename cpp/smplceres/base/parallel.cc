#include "smplceres/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <future>
#include <system_error>
#include <vector>

namespace smplceres {

void RunJobs(int count, int threads, const Interrupted& interrupted, const Job& job) {
  std::atomic<int> next = 0;
  std::atomic<bool> stop = false;
  std::vector<std::exception_ptr> errors(static_cast<size_t>(count));
  const Interrupted is_stopped = [&] { return stop.load(); };
  const Interrupted poll = [&] {
    if (interrupted && interrupted()) stop = true;
    return stop.load();
  };
  const auto work = [&](const Interrupted& stopped) {
    for (int i = next++; i < count && !stopped(); i = next++) {
      try {
        job(i, stopped);
      } catch (...) {
        errors[static_cast<size_t>(i)] = std::current_exception();
        stop = true;
      }
    }
  };

  std::vector<std::future<void>> others;
  try {
    for (int t = 1; t < std::min(threads, count); ++t)
      others.push_back(std::async(std::launch::async, work, std::cref(is_stopped)));
  } catch (const std::system_error&) {  // no further thread available: the existing ones do the work
  }
  work(poll);
  for (const std::future<void>& other : others)
    while (other.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready) poll();
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

}  // namespace smplceres
