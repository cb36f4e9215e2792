// An allocator that requests 2 MB pages where the system has them. Streams of megabytes in 4 kB pages spend a
// tenth of their time on address translation.
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
    if (alignment == kPage) madvise(memory, bytes, MADV_HUGEPAGE);  // a hint, may fail
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
