// The header of a .npy file: magic, version, length, and a Python dict such as
//
//   {'descr': '<f4', 'fortran_order': False, 'shape': (12214, 3), }
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace smplceres {

struct NpyHeader {
  char kind = 0;                // f, i, u, b, U, S
  std::uint64_t item_size = 0;  // bytes
  bool fortran_order = false;
  std::vector<std::int64_t> shape;  // each >= 0
  std::size_t end = 0;              // where the elements begin
};

// Throws an error, given the expected and the actual value.
using Refusal = std::function<void(const std::string& expected, const std::string& got)>;

NpyHeader ParseNpyHeader(const std::string& content, const Refusal& refuse);

}  // namespace smplceres
