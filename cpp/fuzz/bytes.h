// The input of a harness, taken piece by piece; zeros after its end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace smplceres {

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

  template <typename T>
  T Take() {
    T value{};
    const std::size_t size = std::min(sizeof(T), left_);
    if (size > 0) std::memcpy(&value, data_, size);
    data_ += size;
    left_ -= size;
    return value;
  }

  // begin to begin + count - 1.
  int Below(int count, int begin = 0) { return begin + Take<std::uint16_t>() % count; }

  // Numbers of images and sizes mostly, and any double: NaN, infinity, beyond the integers.
  double Number() {
    switch (Take<std::uint8_t>() % 4) {
      case 0:
        return Take<double>();
      case 1:
        return Take<float>();
      default:
        return Take<std::int16_t>() / 64.0;
    }
  }

  std::size_t left() const { return left_; }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

}  // namespace smplceres
