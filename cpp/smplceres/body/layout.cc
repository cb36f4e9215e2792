#include "smplceres/body/layout.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace smplceres {

namespace {

// Directions are dependent if a part of one, relative to the largest, is less than this.
constexpr double kDependent = 1e-9;

void CheckComponents(const PoseComponents& components, int num_joints) {
  const Eigen::Index n = components.mean.size();
  const auto fail = [&](const std::string& expected, const std::string& got) {
    throw std::invalid_argument("pose_components: expected " + expected + " of " + components.name +
                                ", got " + got);
  };
  if (n < 3 || n % 3 != 0) fail("three numbers per joint in the mean", std::to_string(n));
  if (components.directions.rows() != n || components.directions.cols() < 1)
    fail("directions of " + std::to_string(n) + " rows",
         std::to_string(components.directions.rows()) + " x " + std::to_string(components.directions.cols()));
  if (!components.mean.allFinite() || !components.directions.allFinite())
    fail("finite numbers", "NaN or infinity");
  if (components.first_joint < 1 || components.first_joint + components.num_joints() > num_joints)
    fail("joints from 1 to " + std::to_string(num_joints - 1),
         std::to_string(components.first_joint) + " to " +
             std::to_string(components.first_joint + components.num_joints() - 1));
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(components.directions);
  qr.setThreshold(kDependent);
  if (qr.rank() < components.directions.cols()) fail("independent directions", "dependent ones");
}

}  // namespace

FrameLayout::FrameLayout(int num_joints,
                         const std::vector<PoseComponents>& components,
                         const std::vector<Slice>& further)
    : num_joints_(num_joints), num_free_joints_(num_joints), num_coefficients_(0), driver_(0) {
  std::vector<Slice> slices, driven;
  int end = 0;
  const auto append = [&](const std::string& name, SliceKind kind, int size, double walk_sigma) -> Slice& {
    slices.push_back({name, kind, end, size, 0, walk_sigma, nullptr});
    end += size;
    return slices.back();
  };
  const auto append_further =
      [&](const std::string& name, SliceKind kind, int size, double walk_sigma) -> Slice& {
    const auto has_name = [&](const Slice& other) { return other.name == name; };
    if (name.empty() || name == "betas" || std::any_of(slices.begin(), slices.end(), has_name))
      throw std::invalid_argument("frame_slices: expected different names, other than betas, got '" + name +
                                  "'");
    if (size < 1)
      throw std::invalid_argument("frame_slices: expected at least one direction of " + name + ", got " +
                                  std::to_string(size));
    if (!(walk_sigma > 0.0) || std::isinf(walk_sigma))
      throw std::invalid_argument("frame_slices: expected a finite walk_sigma > 0 of " + name + ", got " +
                                  std::to_string(walk_sigma));
    return append(name, kind, size, walk_sigma);
  };

  std::vector<PoseComponents> ascending = components;
  std::sort(ascending.begin(), ascending.end(), [](const PoseComponents& a, const PoseComponents& b) {
    return a.first_joint < b.first_joint;
  });
  driver_.assign(static_cast<size_t>(num_joints), 0);
  if (!ascending.empty()) num_free_joints_ = ascending.front().first_joint;
  append("global_orient", SliceKind::kRoot, 3, 1.0);
  append("body_pose", SliceKind::kRotations, 3 * (num_free_joints_ - 1), 1.0);
  append("transl", SliceKind::kTranslation, 3, 1.0);
  int next_joint = num_free_joints_;
  for (PoseComponents& each : ascending) {
    CheckComponents(each, num_joints);
    if (each.first_joint != next_joint)
      throw std::invalid_argument("pose_components: expected each of the last joints once, got " + each.name +
                                  " from joint " + std::to_string(each.first_joint) + " instead of " +
                                  std::to_string(next_joint));
    for (int j = 0; j < each.num_joints(); ++j) driver_[static_cast<size_t>(next_joint + j)] = driven.size();
    next_joint += each.num_joints();
    Slice& slice = append_further(
        each.name, SliceKind::kComponents, static_cast<int>(each.directions.cols()), each.walk_sigma);
    slice.components = std::make_shared<const PoseComponents>(std::move(each));
    driven.push_back(slice);
  }
  if (next_joint != num_joints)
    throw std::invalid_argument("pose_components: expected each of the last joints once, got joints up to " +
                                std::to_string(next_joint - 1) + " of " + std::to_string(num_joints - 1));
  for (const Slice& slice : further) {
    append_further(slice.name, SliceKind::kCoefficients, slice.size, slice.walk_sigma);
    num_coefficients_ += slice.size;
  }
  size_ = end;
  for (std::vector<Slice>* all : {&slices, &driven})
    for (Slice& slice : *all) slice.block_size = size_;
  slices_ = std::make_shared<const std::vector<Slice>>(std::move(slices));
  driven_ = std::make_shared<const std::vector<Slice>>(std::move(driven));
}

void FrameLayout::ProjectPose(const double* body_pose, double* frame) const {
  std::copy_n(body_pose, 3 * (num_free_joints_ - 1), frame + this->body_pose());
  for (const Slice& slice : *driven_) {
    const PoseComponents& components = *slice.components;
    const Eigen::Map<const Eigen::VectorXd> theta(body_pose + 3 * (components.first_joint - 1),
                                                  components.mean.size());
    Eigen::Map<Eigen::VectorXd>(frame + slice.begin, slice.size) =
        Eigen::MatrixXd(components.directions).colPivHouseholderQr().solve(theta - components.mean);
  }
}

std::vector<std::string> FrameLayout::Names(const std::vector<std::string>& joint_names) const {
  constexpr const char* kAxes[] = {" x", " y", " z"};
  if (static_cast<int>(joint_names.size()) != num_joints_)
    throw std::invalid_argument("joint_names: expected " + std::to_string(num_joints_) + " names, got " +
                                std::to_string(joint_names.size()));
  std::vector<std::string> names;
  for (const Slice& slice : *slices_)
    for (int i = 0; i < slice.size; ++i) {
      if (slice.is_further()) {
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
