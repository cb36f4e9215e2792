// Masks of any pixels, and their signed distance at any point.
#include "smplceres/raster/mask.h"

#include <stdexcept>

#include "bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  smplceres::Bytes bytes(data, size);
  const int width = bytes.Below(64, 1), height = bytes.Below(64, 1);
  const double points[][2] = {{bytes.Number(), bytes.Number()}, {bytes.Number(), bytes.Number()}};
  smplceres::Pixels person(height, width);
  for (Eigen::Index i = 0; i < person.size(); ++i) person.data()[i] = bytes.Take<std::uint8_t>() & 1;
  try {
    const smplceres::Mask mask(person);
    for (const auto& point : points) mask.SignedDistance(point[0], point[1]);
    if (mask.contour().rows() > smplceres::Mask::kContourPoints || !mask.contour().allFinite())
      __builtin_trap();
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
