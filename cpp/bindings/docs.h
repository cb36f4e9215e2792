// Docstrings.
#pragma once

#include <algorithm>
#include <deque>
#include <sstream>
#include <string>

namespace smplceres::bindings {

// A docstring without the indentation that its lines, but the first, have in the source; valid until the
// process ends.
inline const char* Doc(const std::string& text) {
  static std::deque<std::string> docs;
  std::istringstream lines(text);
  std::string line, doc;
  std::getline(lines, doc);
  size_t indentation = std::string::npos;
  for (std::istringstream rest(text.substr(doc.size())); std::getline(rest, line);)
    indentation = std::min(indentation, line.find_first_not_of(' '));
  while (std::getline(lines, line)) doc += "\n" + (line.size() > indentation ? line.substr(indentation) : "");
  doc.erase(doc.find_last_not_of(" \n") + 1);
  docs.push_back(doc);
  return docs.back().c_str();
}

}  // namespace smplceres::bindings
