// Data that is computed from a body when it is first requested, and kept with it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <typeindex>

namespace smplceres {

// One object per type, so that whatever is computed from a body (its collision spheres, its mesh) is cached
// with it without the body knowing the type. Thread-safe.
class Derived {
 public:
  // The object of type T; make() returns it as a std::shared_ptr<const T>, or null, on the first request.
  template <typename T, typename Make>
  const T* Get(const Make& make) {
    Entry& entry = EntryOf(typeid(T));
    std::call_once(entry.once, [&] { entry.object = std::shared_ptr<const T>(make()); });
    return static_cast<const T*>(entry.object.get());
  }

 private:
  struct Entry {
    std::once_flag once;
    std::shared_ptr<const void> object;
  };

  Entry& EntryOf(std::type_index type) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return entries_[type];  // a map's elements stay where they are
  }

  std::mutex mutex_;
  std::map<std::type_index, Entry> entries_;
};

}  // namespace smplceres
