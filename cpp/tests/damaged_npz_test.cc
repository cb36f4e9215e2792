// Damaged copies of the package's files give std::invalid_argument that names the file, or a complete body.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>

#include "smplceres/io/body_file.h"
#include "smplceres/io/npy_header.h"
#include "smplceres/io/npz.h"
#include "smplceres/io/pose_prior_file.h"

namespace smplceres {
namespace {

const std::string kData = SMPLCERES_TEST_DATA;

std::string Bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A file that its destructor removes.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& bytes)
      : path_(testing::TempDir() + "damaged_" + std::to_string(getpid()) + ".npz") {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

using Reader = std::function<void(const std::string& path)>;

// True if the file is refused.
bool Refused(const std::string& bytes, const Reader& read) {
  const TemporaryFile file(bytes);
  try {
    read(file.path());
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()).compare(0, file.path().size(), file.path()), 0) << error.what();
    return true;
  }
  return false;
}

void ReadPrior(const std::string& path) { ReadPosePrior(path); }
void ReadWholeBody(const std::string& path) { ReadBody(path, 10); }

TEST(DamagedNpz, TruncatedFilesAreRefused) {
  const std::string bytes = Bytes(kData + "/pose_prior.npz");
  ASSERT_FALSE(Refused(bytes, ReadPrior));
  std::mt19937 random(6);
  for (int i = 0; i < 300; ++i) {
    const size_t size = i < 64 ? static_cast<size_t>(i) : random() % bytes.size();
    EXPECT_TRUE(Refused(bytes.substr(0, size), ReadPrior)) << size;
  }
}

TEST(DamagedNpz, FlippedBitsAreRefusedOrDoNotMatter) {
  const std::string whole = Bytes(kData + "/pose_prior.npz");
  std::mt19937 random(7);
  int refused = 0;
  for (int i = 0; i < 600; ++i) {
    std::string bytes = whole;
    // Half of the damage is in the directory and its end, which hold all sizes and offsets.
    const size_t span = i % 2 == 0 ? bytes.size() : 300;
    bytes[bytes.size() - span + random() % span] ^= static_cast<char>(1u << random() % 8);
    refused += Refused(bytes, ReadPrior) ? 1 : 0;
  }
  EXPECT_GT(refused, 300);  // checksums cover the data; dates and attributes may be anything
}

TEST(DamagedNpz, FlippedBitsOfABodyAreRefusedOrDoNotMatter) {
  const std::string whole = Bytes(kData + "/body_neutral.npz");
  std::mt19937 random(8);
  int refused = 0;
  for (int i = 0; i < 40; ++i) {
    std::string bytes = whole;
    const size_t span = i % 2 == 0 ? bytes.size() : 1200;
    bytes[bytes.size() - span + random() % span] ^= static_cast<char>(1u << random() % 8);
    refused += Refused(bytes, ReadWholeBody) ? 1 : 0;
  }
  EXPECT_GT(refused, 20);
}

TEST(DamagedNpz, RandomBytesAreRefused) {
  std::mt19937 random(9);
  for (int i = 0; i < 100; ++i) {
    std::string bytes(random() % 2000, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_TRUE(Refused(bytes, ReadPrior));
  }
}

// An .npz with one stored member; its sizes are checked before its checksum.
std::string ArchiveOf(const std::string& name,
                      const std::string& content,
                      std::uint32_t claimed_size,
                      int method) {
  const auto number = [](std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>(value >> (8 * i)));
    return text;
  };
  const auto size = static_cast<std::uint32_t>(content.size());
  const std::string local =
      "PK\3\4" + std::string(22, '\0') + number(name.size(), 2) + number(0, 2) + name + content;
  const std::string entry = "PK\1\2" + std::string(6, '\0') + number(static_cast<std::uint64_t>(method), 2) +
                            std::string(8, '\0') + number(size, 4) + number(claimed_size, 4) +
                            number(name.size(), 2) + std::string(16, '\0') + name;
  return local + entry + "PK\5\6" + std::string(4, '\0') + number(1, 2) + number(1, 2) +
         number(entry.size(), 4) + number(local.size(), 4) + number(0, 2);
}

std::string MessageOf(const std::string& bytes) {
  const TemporaryFile file(bytes);
  try {
    NpzFile(file.path()).Floats("weights");
  } catch (const std::invalid_argument& error) {
    return std::string(error.what()).substr(file.path().size() + 2);
  }
  return "no error";
}

TEST(DamagedNpz, SizesAreComparedWithTheBytesThatAreThere) {
  EXPECT_EQ(MessageOf(ArchiveOf("weights.npy", "abc", 2000000000u, 0)),
            "weights: expected at most 1073741824 bytes, got 2000000000");
  EXPECT_EQ(MessageOf(ArchiveOf("weights.npy", "abc", 900000000u, 8)),
            "weights: expected 900000000 bytes, got 3 packed ones");
  EXPECT_EQ(MessageOf(ArchiveOf("weights.npy", "abc", 3, 12)),
            "weights: expected stored or deflated data, got method 12");
  EXPECT_EQ(MessageOf(ArchiveOf("weights.npy", "abc", 3, 0)),
            "weights: expected data of its checksum, got damaged data");
  EXPECT_EQ(MessageOf(ArchiveOf("other.npy", "abc", 3, 0)),
            "weights: expected in the file, got a file without");
}

// Tests headers directly, because checksums catch flipped bits before headers are parsed.
TEST(DamagedNpz, DamagedHeadersAreRefusedOrParsedWithinTheirBytes) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (12214, 3), }";
  header = std::string("\x93NUMPY\1\0", 8) + static_cast<char>(header.size()) + '\0' + header + "elements";
  const Refusal refuse = [](const std::string& expected, const std::string& got) {
    throw std::invalid_argument(expected + got);
  };
  EXPECT_EQ(ParseNpyHeader(header, refuse).shape, (std::vector<std::int64_t>{12214, 3}));
  std::mt19937 random(10);
  int refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string damaged = header.substr(0, i % 4 == 0 ? random() % header.size() : header.size());
    for (size_t flips = random() % 4 + 1; flips > 0 && !damaged.empty(); --flips)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    try {
      const NpyHeader parsed = ParseNpyHeader(damaged, refuse);
      EXPECT_LE(parsed.end, damaged.size());
      for (const std::int64_t size : parsed.shape) EXPECT_GE(size, 0);
    } catch (const std::invalid_argument&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 10000);
}

}  // namespace
}  // namespace smplceres
