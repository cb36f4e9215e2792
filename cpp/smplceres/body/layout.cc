#include "smplceres/body/layout.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace smplceres {

FrameLayout::FrameLayout(int num_joints, const std::vector<Slice>& further)
    : num_joints_(num_joints), num_coefficients_(0) {
  std::vector<Slice> slices;
  int end = 0;
  const auto append = [&](const std::string& name, SliceKind kind, int size, double walk_sigma) {
    slices.push_back({name, kind, end, size, 0, walk_sigma});
    end += size;
  };
  append("global_orient", SliceKind::kRoot, 3, 1.0);
  append("body_pose", SliceKind::kRotations, 3 * (num_joints - 1), 1.0);
  append("transl", SliceKind::kTranslation, 3, 1.0);
  for (const Slice& slice : further) {
    const auto has_name = [&](const Slice& other) { return other.name == slice.name; };
    if (slice.name.empty() || slice.name == "betas" || std::any_of(slices.begin(), slices.end(), has_name))
      throw std::invalid_argument("frame_slices: expected different names, other than betas, got '" +
                                  slice.name + "'");
    if (slice.size < 1)
      throw std::invalid_argument("frame_slices: expected at least one direction of " + slice.name +
                                  ", got " + std::to_string(slice.size));
    if (!(slice.walk_sigma > 0.0) || std::isinf(slice.walk_sigma))
      throw std::invalid_argument("frame_slices: expected a finite walk_sigma > 0 of " + slice.name +
                                  ", got " + std::to_string(slice.walk_sigma));
    append(slice.name, SliceKind::kCoefficients, slice.size, slice.walk_sigma);
    num_coefficients_ += slice.size;
  }
  size_ = end;
  for (Slice& slice : slices) slice.block_size = size_;
  slices_ = std::make_shared<const std::vector<Slice>>(std::move(slices));
}

std::vector<std::string> FrameLayout::Names(const std::vector<std::string>& joint_names) const {
  constexpr const char* kAxes[] = {" x", " y", " z"};
  if (static_cast<int>(joint_names.size()) != num_joints_)
    throw std::invalid_argument("joint_names: expected " + std::to_string(num_joints_) + " names, got " +
                                std::to_string(joint_names.size()));
  std::vector<std::string> names;
  for (const Slice& slice : *slices_)
    for (int i = 0; i < slice.size; ++i) {
      if (slice.kind == SliceKind::kCoefficients) {
        names.push_back(slice.name + " " + std::to_string(i));
      } else if (slice.kind == SliceKind::kRotations) {
        names.push_back(joint_names[static_cast<size_t>((slice.begin + i) / 3)] + kAxes[i % 3]);
      } else {
        names.push_back(slice.name + kAxes[i]);
      }
    }
  return names;
}

}  // namespace smplceres
