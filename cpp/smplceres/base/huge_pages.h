// Memory in pages of 2 MB where the system has them: for streams of megabytes, which in pages of 4 kB spend a
// tenth of their time on finding the next.
#pragma once

#include <cstddef>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace smplceres {

template <typename T>
struct HugePages {
  using value_type = T;
  static constexpr std::size_t kPage = std::size_t{1} << 21;

  HugePages() = default;
  template <typename U>
  HugePages(const HugePages<U>&) {}

  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    const std::size_t alignment = bytes < kPage ? alignof(std::max_align_t) : kPage;
    void* memory = ::operator new (bytes, std::align_val_t{alignment});
#if defined(__linux__)
    if (alignment == kPage) madvise(memory, bytes, MADV_HUGEPAGE);  // as it can: no promise
#endif
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) {
    const std::size_t alignment = count * sizeof(T) < kPage ? alignof(std::max_align_t) : kPage;
    ::operator delete (memory, std::align_val_t{alignment});
  }

  template <typename U>
  bool operator==(const HugePages<U>&) const {
    return true;
  }
  template <typename U>
  bool operator!=(const HugePages<U>&) const {
    return false;
  }
};

}  // namespace smplceres
