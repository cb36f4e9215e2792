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
  const Interrupted told = [&] { return stop.load(); };
  const Interrupted asks = [&] {
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
      others.push_back(std::async(std::launch::async, work, std::cref(told)));
  } catch (const std::system_error&) {  // no more threads to have: those that are there do it
  }
  work(asks);
  for (const std::future<void>& other : others)
    while (other.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready) asks();
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

}  // namespace smplceres
