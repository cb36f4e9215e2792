// Headers of .npy files of any content.
#include <stdexcept>
#include <string>

#include "bytes.h"
#include "smplceres/io/npy_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string content(reinterpret_cast<const char*>(data), size);
  try {
    const smplceres::NpyHeader header = smplceres::ParseNpyHeader(
        content,
        [](const std::string& expected, const std::string&) { throw std::invalid_argument(expected); });
    if (header.end > size) __builtin_trap();
    for (const std::int64_t length : header.shape) {
      if (length < 0) __builtin_trap();
    }
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
