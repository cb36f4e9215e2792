// Locates the package's data relative to the library, so that an installation can be moved.
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "smplceres/body.h"

#if !defined(_WIN32)
#include <dlfcn.h>
#endif

namespace smplceres {
namespace {

// A symbol whose address is in this library.
const char kInThisLibrary = 0;

// The folder of the library's file, with a trailing slash; empty if the system does not provide it.
std::string LibraryFolder() {
#if !defined(_WIN32)
  Dl_info info;
  if (dladdr(&kInThisLibrary, &info) != 0 && info.dli_fname != nullptr) {
    const std::string file = info.dli_fname;
    return file.substr(0, file.find_last_of('/') + 1);
  }
#endif
  return "";
}

}  // namespace

std::string DataFolder() {
  const char* named = std::getenv("SMPLCERES_DATA_DIR");
  if (named != nullptr && *named != '\0') return named;
  const std::string library = LibraryFolder();
  if (library.empty())
    throw std::invalid_argument(
        "SMPLCERES_DATA_DIR: expected the folder of the package's data, which cannot be located from the "
        "library");
  return library + SMPLCERES_DATA_FROM_LIBRARY;
}

}  // namespace smplceres
