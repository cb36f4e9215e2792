// The circle constant, which C++17 does not have.
#pragma once

namespace smplceres {

inline constexpr double kPi = 3.14159265358979323846;

}  // namespace smplceres
