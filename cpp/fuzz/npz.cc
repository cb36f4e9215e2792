// Archives of any content, read as a body, as a prior, and array by array.
#include "smplceres/io/npz.h"

#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>

#include "bytes.h"
#include "smplceres/io/body_file.h"
#include "smplceres/io/pose_prior_file.h"

namespace {

// In memory where /dev/shm is.
std::string PathOfFile() {
  const std::string folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  return folder + "/smplceres_fuzz_" + std::to_string(getpid()) + ".npz";
}

template <typename Read>
void Refusing(Read read) {
  try {
    read();
  } catch (const std::invalid_argument&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string path = PathOfFile();
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr || std::fwrite(data, 1, size, file) != size) std::abort();
  std::fclose(file);
  Refusing([] { smplceres::ReadBody(path, 10); });
  Refusing([] { smplceres::ReadPosePrior(path); });
  Refusing([] {
    const smplceres::NpzFile npz(path);
    for (const char* name : {"weights", "v_template", "names", "a", "parents"}) {
      Refusing([&] { npz.Floats(name); });
      Refusing([&] { npz.Integers(name); });
      Refusing([&] { npz.Texts(name); });
    }
  });
  std::remove(path.c_str());
  return 0;
}
