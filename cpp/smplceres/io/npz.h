// Reads arrays from an .npz file: a zip of NumPy's .npy members, stored or deflated. The file is not trusted:
// every size is compared with a limit and with the available bytes before allocation, and arrays of Python
// objects (pickles) are refused.
//
// References: PKWARE, ".ZIP File Format Specification"; NumPy, "A simple file format for NumPy arrays"
// (versions 1.0 and 2.0).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace smplceres {

// Maximum size of a file and of an inflated member (bytes), and maximum number of elements of an array.
// SMPL-X with 400 shape and expression columns is a file of 0.2 GB whose largest member has 0.1 GB.
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 31;
constexpr std::uint64_t kMaxMemberBytes = std::uint64_t{1} << 30;
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 27;

// Elements in C order: the last index runs fastest.
template <typename T>
struct NpyArray {
  std::vector<std::int64_t> shape;
  std::vector<T> values;
};

class NpzFile {
 public:
  // Reads the file. Throws std::invalid_argument that names the file; the functions below also name the
  // member.
  explicit NpzFile(const std::string& path);

  bool Has(const std::string& name) const { return members_.count(name) > 0; }

  // Real numbers (f2, f4, f8, integers), exactly converted to doubles; integers; UTF-8 strings (U, S) without
  // padding zeros. Throw std::invalid_argument for a member that is missing, of another kind or damaged.
  NpyArray<double> Floats(const std::string& name) const;
  NpyArray<std::int64_t> Integers(const std::string& name) const;
  NpyArray<std::string> Texts(const std::string& name) const;

  // Throws std::invalid_argument: "<file>: <name>: expected <expected>, got <got>".
  [[noreturn]] void Refuse(const std::string& name,
                           const std::string& expected,
                           const std::string& got) const;

 private:
  struct Member {
    std::uint64_t offset;  // of its local header
    std::uint64_t compressed_size, size;
    std::uint32_t crc;
    int method;  // 0 stored, 8 deflated
  };
  // The parsed .npy content of a member.
  struct Raw {
    char kind = 0;  // f, i, u, b, U, S
    std::uint64_t item_size = 0;
    bool fortran_order = false;
    std::vector<std::int64_t> shape;
    std::string content;    // the whole member
    std::size_t begin = 0;  // of the elements in it
    std::uint64_t count = 0;
  };

  void ReadDirectory();
  Raw Read(const std::string& name) const;
  std::string Content(const std::string& name) const;
  template <typename T, typename Convert>
  NpyArray<T> Converted(const Raw& raw, Convert convert) const;

  std::string path_;
  std::string bytes_;
  std::map<std::string, Member> members_;
};

}  // namespace smplceres
