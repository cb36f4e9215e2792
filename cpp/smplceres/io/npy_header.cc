#include "smplceres/io/npy_header.h"

#include <cctype>
#include <stdexcept>

namespace smplceres {
namespace {

// Reads the dict from left to right; every step checks for the end of the text.
class Scanner {
 public:
  Scanner(const std::string& text, size_t begin, size_t end) : text_(text), at_(begin), end_(end) {}

  char Peek() {
    while (at_ < end_ && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    return at_ < end_ ? text_[at_] : '\0';
  }
  bool Take(char expected) {
    if (Peek() != expected) return false;
    ++at_;
    return true;
  }
  // 'text' without escapes.
  bool Text(std::string* value) {
    const char quote = Peek();
    if (quote != '\'' && quote != '"') return false;
    const size_t close = text_.find(quote, at_ + 1);
    if (close == std::string::npos || close >= end_) return false;
    *value = text_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    return true;
  }
  bool Word(std::string* value) {
    value->clear();
    for (char c = Peek(); std::isalnum(static_cast<unsigned char>(c)) != 0;
         c = at_ < end_ ? text_[at_] : '\0') {
      value->push_back(c);
      ++at_;
    }
    return !value->empty();
  }
  // Non-negative, at most 18 digits.
  bool Integer(std::int64_t* value) {
    std::string digits;
    if (!Word(&digits) || digits.size() > 18) return false;
    *value = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') return false;
      *value = 10 * *value + (c - '0');
    }
    return true;
  }
  bool Tuple(std::vector<std::int64_t>* values) {
    constexpr size_t kMaxDimensions = 32;  // NumPy's
    if (!Take('(')) return false;
    while (!Take(')')) {
      std::int64_t value = 0;
      if (values->size() == kMaxDimensions || !Integer(&value)) return false;
      values->push_back(value);
      if (!Take(',') && Peek() != ')') return false;
    }
    return true;
  }

 private:
  const std::string& text_;
  size_t at_, end_;
};

bool ParseDict(Scanner scanner,
               std::string* descr,
               std::string* fortran_order,
               std::vector<std::int64_t>* shape) {
  if (!scanner.Take('{')) return false;
  int found = 0;
  while (!scanner.Take('}')) {
    std::string key;
    if (!scanner.Text(&key) || !scanner.Take(':')) return false;
    const bool known = (key == "descr" && descr->empty() && scanner.Text(descr)) ||
                       (key == "fortran_order" && fortran_order->empty() && scanner.Word(fortran_order)) ||
                       (key == "shape" && shape->empty() && scanner.Tuple(shape));
    if (!known) return false;
    ++found;
    if (!scanner.Take(',') && scanner.Peek() != '}') return false;
  }
  return found == 3 && (*fortran_order == "True" || *fortran_order == "False");
}

}  // namespace

NpyHeader ParseNpyHeader(const std::string& content, const Refusal& refuse) {
  constexpr size_t kMagic = 6;
  const auto byte = [&content](size_t i) {
    return static_cast<size_t>(static_cast<unsigned char>(content[i]));
  };
  if (content.size() < 12 || content.compare(0, kMagic, "\x93NUMPY") != 0)
    refuse("an array of NumPy's (.npy)", "something else");
  const size_t version = byte(6);
  if ((version != 1 && version != 2) || byte(7) != 0)
    refuse(".npy version 1.0 or 2.0", std::to_string(version) + "." + std::to_string(byte(7)));
  const size_t begin = version == 1 ? 10 : 12;
  const size_t length =
      version == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  if (length > content.size() - begin) refuse("a header of " + std::to_string(length) + " bytes", "fewer");

  NpyHeader header;
  header.end = begin + length;
  std::string descr, fortran_order;
  if (!ParseDict(Scanner(content, begin, header.end), &descr, &fortran_order, &header.shape))
    refuse("a header with descr, fortran_order and shape", "another");
  header.fortran_order = fortran_order == "True";
  size_t kind = 0;
  if (!descr.empty() && std::string("<>=|").find(descr[0]) != std::string::npos) kind = 1;
  if (descr.size() < kind + 2 || descr.size() > kind + 10 ||
      std::string("fiubUS").find(descr[kind]) == std::string::npos ||
      descr.find_first_not_of("0123456789", kind + 1) != std::string::npos)
    refuse("numbers or text", "'" + descr.substr(0, 40) + "'");
  if (descr[0] == '>') refuse("little-endian numbers or text", "'" + descr + "'");
  header.kind = descr[kind];
  header.item_size = std::stoull(descr.substr(kind + 1)) * (header.kind == 'U' ? 4 : 1);
  return header;
}

}  // namespace smplceres
