// Range checks of scalar arguments. Each error names the argument, the expected range and the value.
#pragma once

#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string>

namespace smplceres {

// Throws std::invalid_argument unless value > 0 and finite.
inline void CheckPositive(const char* name, double value) {
  if (!(value > 0.0) || std::isinf(value))
    throw std::invalid_argument(std::string(name) + ": expected a finite number > 0, got " +
                                std::to_string(value));
}

// Throws std::invalid_argument unless min <= value <= max; NaN fails.
inline void CheckRange(const char* name, double value, double min, double max) {
  if (value >= min && value <= max) return;
  std::ostringstream message;
  message << name << ": expected a number from " << min << " to " << max << ", got " << value;
  throw std::invalid_argument(message.str());
}

}  // namespace smplceres
