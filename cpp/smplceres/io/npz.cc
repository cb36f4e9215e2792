#include "smplceres/io/npz.h"

#include <zlib.h>

#include <Eigen/Core>
#include <algorithm>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "smplceres/io/npy_header.h"

namespace smplceres {
namespace {

// A little-endian number of N bytes.
template <int N>
std::uint64_t Number(const char* at) {
  std::uint64_t value = 0;
  for (int i = N - 1; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(at[i]);
  return value;
}

template <typename T>
T Element(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

double FloatAt(const char* at, char kind, std::uint64_t item_size) {
  switch (kind) {
    case 'f':
      if (item_size == 2)
        return Eigen::half_impl::half_to_float(
            Eigen::half_impl::raw_uint16_to_half(Element<std::uint16_t>(at)));
      return item_size == 4 ? static_cast<double>(Element<float>(at)) : Element<double>(at);
    case 'i':
      return item_size == 1   ? Element<std::int8_t>(at)
             : item_size == 2 ? Element<std::int16_t>(at)
             : item_size == 4 ? Element<std::int32_t>(at)
                              : static_cast<double>(Element<std::int64_t>(at));
    default:
      return item_size == 1   ? Element<std::uint8_t>(at)
             : item_size == 2 ? Element<std::uint16_t>(at)
             : item_size == 4 ? Element<std::uint32_t>(at)
                              : static_cast<double>(Element<std::uint64_t>(at));
  }
}

std::int64_t IntegerAt(const char* at, char kind, std::uint64_t item_size) {
  if (kind == 'i')
    return item_size == 1   ? Element<std::int8_t>(at)
           : item_size == 2 ? Element<std::int16_t>(at)
           : item_size == 4 ? Element<std::int32_t>(at)
                            : Element<std::int64_t>(at);
  return item_size == 1   ? Element<std::uint8_t>(at)
         : item_size == 2 ? Element<std::uint16_t>(at)
         : item_size == 4 ? static_cast<std::int64_t>(Element<std::uint32_t>(at))
                          : static_cast<std::int64_t>(Element<std::uint64_t>(at));
}

// False if it is no Unicode code point.
bool AppendUtf8(std::uint32_t code, std::string* text) {
  const auto push = [text](std::uint32_t byte) { text->push_back(static_cast<char>(byte)); };
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
  if (code < 0x80) {
    push(code);
  } else if (code < 0x800) {
    push(0xC0 | code >> 6);
    push(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    push(0xE0 | code >> 12);
    push(0x80 | (code >> 6 & 0x3F));
    push(0x80 | (code & 0x3F));
  } else {
    push(0xF0 | code >> 18);
    push(0x80 | (code >> 12 & 0x3F));
    push(0x80 | (code >> 6 & 0x3F));
    push(0x80 | (code & 0x3F));
  }
  return true;
}

std::string ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
  if (size < 0) throw std::invalid_argument(path + ": expected a file that can be read, got none");
  if (static_cast<std::uint64_t>(size) > kMaxFileBytes)
    throw std::invalid_argument(path + ": expected at most " + std::to_string(kMaxFileBytes) +
                                " bytes, got " + std::to_string(size));
  std::string bytes(static_cast<size_t>(size), '\0');
  file.seekg(0);
  if (!file.read(bytes.data(), size))
    throw std::invalid_argument(path + ": expected a file that can be read, got an error");
  return bytes;
}

}  // namespace

NpzFile::NpzFile(const std::string& path) : path_(path), bytes_(ReadWhole(path)) { ReadDirectory(); }

void NpzFile::Refuse(const std::string& name, const std::string& expected, const std::string& got) const {
  throw std::invalid_argument(path_ + ": " + (name.empty() ? "" : name + ": ") + "expected " + expected +
                              ", got " + got);
}

// From the end-of-central-directory record (PK 5 6, 22 bytes and a comment) to the directory's entries
// (PK 1 2, 46 bytes, then name, extra field and comment).
void NpzFile::ReadDirectory() {
  constexpr size_t kEnd = 22, kMaxComment = 65535, kEntry = 46;
  const size_t first = bytes_.size() > kEnd + kMaxComment ? bytes_.size() - kEnd - kMaxComment : 0;
  size_t end = bytes_.size() < kEnd ? std::string::npos : bytes_.rfind("PK\5\6", bytes_.size() - kEnd);
  if (end == std::string::npos || end < first)
    Refuse("", "a zip archive (.npz)", "another file or a part of one");
  const std::uint64_t count = Number<2>(&bytes_[end + 10]);
  std::uint64_t at = Number<4>(&bytes_[end + 16]);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (at + kEntry > end || bytes_.compare(at, 4, "PK\1\2") != 0)
      Refuse("", "a directory of " + std::to_string(count) + " members", "one that is damaged");
    const char* entry = &bytes_[at];
    const std::uint64_t name_size = Number<2>(entry + 28);
    const std::uint64_t next = at + kEntry + name_size + Number<2>(entry + 30) + Number<2>(entry + 32);
    if (next > end) Refuse("", "a directory of " + std::to_string(count) + " members", "one that is damaged");
    std::string name = bytes_.substr(at + kEntry, name_size);
    const size_t stem = name.size() < 4 ? 0 : name.size() - 4;
    if (name.compare(stem, 4, ".npy") == 0) name.resize(stem);
    if ((Number<2>(entry + 8) & 1) != 0) Refuse(name, "a member without a password", "an encrypted one");
    members_[name] = {Number<4>(entry + 42),
                      Number<4>(entry + 20),
                      Number<4>(entry + 24),
                      static_cast<std::uint32_t>(Number<4>(entry + 16)),
                      static_cast<int>(Number<2>(entry + 10))};
    at = next;
  }
}

// A local header (PK 3 4) has 30 bytes, then name and extra field, whose lengths are stored only there.
std::string NpzFile::Content(const std::string& name) const {
  constexpr std::uint64_t kHeader = 30;
  // An upper bound of deflate's compression ratio, which rejects impossible sizes.
  constexpr std::uint64_t kMaxRatio = 1040;
  const auto found = members_.find(name);
  if (found == members_.end()) Refuse(name, "in the file", "a file without");
  const Member& member = found->second;
  if (member.offset + kHeader > bytes_.size() || bytes_.compare(member.offset, 4, "PK\3\4") != 0)
    Refuse(name, "a member at its place in the archive", "another");
  const char* header = &bytes_[member.offset];
  const std::uint64_t begin = member.offset + kHeader + Number<2>(header + 26) + Number<2>(header + 28);
  if (begin + member.compressed_size > bytes_.size())
    Refuse(name, std::to_string(member.compressed_size) + " bytes of data", "a file that ends before");
  if (member.size > kMaxMemberBytes)
    Refuse(name, "at most " + std::to_string(kMaxMemberBytes) + " bytes", std::to_string(member.size));
  if (member.method != 0 && member.method != 8)
    Refuse(name, "stored or deflated data", "method " + std::to_string(member.method));
  if (member.method == 0 ? member.size != member.compressed_size
                         : member.size > kMaxRatio * member.compressed_size)
    Refuse(name,
           std::to_string(member.size) + " bytes",
           std::to_string(member.compressed_size) + " packed ones");

  std::string content;
  if (member.method == 0) {
    content = bytes_.substr(begin, member.size);
  } else {
    content.resize(member.size);
    z_stream stream = {};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) Refuse(name, "memory to inflate it in", "none");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(&bytes_[begin]));
    stream.avail_in = static_cast<uInt>(member.compressed_size);
    stream.next_out = reinterpret_cast<Bytef*>(content.data());
    stream.avail_out = static_cast<uInt>(content.size());
    const int status = inflate(&stream, Z_FINISH);
    const bool whole = status == Z_STREAM_END && stream.avail_out == 0;
    inflateEnd(&stream);
    if (!whole) Refuse(name, std::to_string(member.size) + " bytes of deflated data", "damaged data");
  }
  const uLong crc =
      crc32(0L, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
  if (crc != member.crc) Refuse(name, "data of its checksum", "damaged data");
  return content;
}

NpzFile::Raw NpzFile::Read(const std::string& name) const {
  Raw raw;
  raw.content = Content(name);
  const NpyHeader header = ParseNpyHeader(
      raw.content, [&](const std::string& expected, const std::string& got) { Refuse(name, expected, got); });
  raw.kind = header.kind;
  raw.item_size = header.item_size;
  raw.fortran_order = header.fortran_order;
  raw.shape = header.shape;
  raw.begin = header.end;
  raw.count = 1;
  for (const std::int64_t size : raw.shape) {
    if (size > 0 && raw.count > kMaxElements / static_cast<std::uint64_t>(size))
      Refuse(name, "at most " + std::to_string(kMaxElements) + " elements", "more");
    raw.count *= static_cast<std::uint64_t>(size);
  }
  const std::uint64_t bytes = raw.content.size() - raw.begin;
  if (raw.item_size == 0 || bytes / raw.item_size != raw.count || bytes % raw.item_size != 0)
    Refuse(name,
           std::to_string(raw.count) + " elements of " + std::to_string(raw.item_size) + " bytes",
           std::to_string(bytes) + " bytes for them");
  return raw;
}

// convert: from an element's address to its value.
template <typename T, typename Convert>
NpyArray<T> NpzFile::Converted(const Raw& raw, Convert convert) const {
  NpyArray<T> array;
  array.shape = raw.shape;
  array.values.resize(raw.count);
  const char* data = raw.content.data() + raw.begin;
  if (!raw.fortran_order) {
    for (size_t i = 0; i < raw.count; ++i) array.values[i] = convert(data + i * raw.item_size);
    return array;
  }
  // The first index runs fastest in the file.
  const size_t dimensions = raw.shape.size();
  std::vector<size_t> index(dimensions, 0), stride(dimensions, 1);
  for (size_t d = 1; d < dimensions; ++d) stride[d] = stride[d - 1] * static_cast<size_t>(raw.shape[d - 1]);
  for (size_t i = 0; i < raw.count; ++i) {
    size_t at = 0;
    for (size_t d = 0; d < dimensions; ++d) at += index[d] * stride[d];
    array.values[i] = convert(data + at * raw.item_size);
    for (size_t d = dimensions; d-- > 0;) {
      if (++index[d] < static_cast<size_t>(raw.shape[d])) break;
      index[d] = 0;
    }
  }
  return array;
}

NpyArray<double> NpzFile::Floats(const std::string& name) const {
  const Raw raw = Read(name);
  const bool numbers =
      (raw.kind == 'f' && (raw.item_size == 2 || raw.item_size == 4 || raw.item_size == 8)) ||
      ((raw.kind == 'i' || raw.kind == 'u') && raw.item_size <= 8 &&
       (raw.item_size & (raw.item_size - 1)) == 0);
  if (!numbers) Refuse(name, "real numbers", std::string(1, raw.kind) + std::to_string(raw.item_size));
  return Converted<double>(raw, [&](const char* at) { return FloatAt(at, raw.kind, raw.item_size); });
}

NpyArray<std::int64_t> NpzFile::Integers(const std::string& name) const {
  const Raw raw = Read(name);
  const bool integers = (raw.kind == 'i' || raw.kind == 'u' || raw.kind == 'b') && raw.item_size <= 8 &&
                        (raw.item_size & (raw.item_size - 1)) == 0;
  if (!integers) Refuse(name, "integers", std::string(1, raw.kind) + std::to_string(raw.item_size));
  return Converted<std::int64_t>(raw, [&](const char* at) { return IntegerAt(at, raw.kind, raw.item_size); });
}

NpyArray<std::string> NpzFile::Texts(const std::string& name) const {
  const Raw raw = Read(name);
  if (raw.kind != 'U' && raw.kind != 'S')
    Refuse(name, "text", std::string(1, raw.kind) + std::to_string(raw.item_size));
  return Converted<std::string>(raw, [&](const char* at) {
    std::string text;
    if (raw.kind == 'S') {
      text.assign(at, raw.item_size);
    } else {
      for (std::uint64_t i = 0; i < raw.item_size; i += 4)
        if (!AppendUtf8(Element<std::uint32_t>(at + i), &text)) Refuse(name, "text", "what is no Unicode");
    }
    text.erase(text.find_last_not_of('\0') + 1);
    return text;
  });
}

}  // namespace smplceres
