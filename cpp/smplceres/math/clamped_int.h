// The only conversion of a computed real number to an integer: outside the range of int, and for NaN, a plain
// cast is undefined and gives INT_MIN on x86.
#pragma once

namespace smplceres {

// The whole part of a value, which is limited to low .. high first; low for NaN.
inline int ClampedInt(double value, int low, int high) {
  if (!(value > low)) return low;
  return value < high ? static_cast<int>(value) : high;
}

}  // namespace smplceres
