// The layout of a frame's parameter block, and the order of a fit's parameter blocks. No
// other file computes a column.
//
//   frame   [ global_orient 3 | body_pose 3 (F - 1) | transl 3 | further slices of the model ]
//
// The first F of J joints have three numbers each; F = J unless components drive the others. There are two
// kinds of further slices, which the model declares: components c drive the axis-angles of the last joints,
//
//   theta = m + C c,
//
// such as the fingers of a hand (PoseComponents); coefficients move the vertices at rest linearly, like betas
// but per frame, such as the expression of the face (FrameDirections in body_model.h). Fits, results,
// covariances and trackers iterate over `slices` and need no change.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "smplceres/math/row_matrix.h"

namespace smplceres {

enum class SliceKind {
  kRoot,          // a rotation vector about an anchor (objective/variables.h), radians
  kRotations,     // axis-angles of joints, radians
  kTranslation,   // metres
  kComponents,    // of axis-angles of joints, each of unit standard deviation
  kCoefficients,  // of directions of unit standard deviation
};

// The pose of successive joints as theta = mean + directions c, with c of unit standard deviation.
struct PoseComponents {
  std::string name;
  int first_joint;
  Eigen::VectorXd mean;     // 3 n, radians
  RowMatrix directions;     // 3 n x C, radians per standard deviation
  double walk_sigma = 1.0;  // standard deviation of a component's change over a second, for trackers

  int num_joints() const { return static_cast<int>(mean.size()) / 3; }
};

// Columns begin to begin + size - 1 of a frame's block.
struct Slice {
  std::string name;
  SliceKind kind;
  int begin;
  int size;
  int block_size;           // size of the whole block
  double walk_sigma = 1.0;  // of further slices: standard deviation of the change over a second
  std::shared_ptr<const PoseComponents> components = nullptr;  // of kComponents

  bool is_further() const { return kind == SliceKind::kComponents || kind == SliceKind::kCoefficients; }
};

class FrameLayout {
 public:
  // further: name, size and walk_sigma of coefficients. Throws std::invalid_argument for empty or duplicate
  // names, numbers out of range, and components that do not drive each of the last joints once.
  explicit FrameLayout(int num_joints,
                       const std::vector<PoseComponents>& components = {},
                       const std::vector<Slice>& further = {});

  const std::vector<Slice>& slices() const { return *slices_; }
  int size() const { return size_; }
  int num_joints() const { return num_joints_; }
  // Numbers of the pose of all joints but the root, 3 (J - 1).
  int num_pose_angles() const { return 3 * (num_joints_ - 1); }
  // F; joints from F are driven by components.
  int num_free_joints() const { return num_free_joints_; }

  // First columns; joint(j): of joint j's axis-angle, including the root's; j < num_free_joints().
  int root() const { return 0; }
  int joint(int j) const { return 3 * j; }
  int body_pose() const { return 3; }
  int transl() const { return 3 * num_free_joints_; }
  // The columns of all further slices: components, then coefficients.
  int further() const { return transl() + 3; }
  int num_further() const { return size_ - further(); }
  // The columns of all components together, and of all coefficients.
  int components() const { return further(); }
  int num_components() const { return num_further() - num_coefficients_; }
  int coefficients() const { return size_ - num_coefficients_; }
  int num_coefficients() const { return num_coefficients_; }

  // The slices of components, in ascending order of joints.
  const std::vector<Slice>& driven() const { return *driven_; }
  // The slice of components that drives joint j >= num_free_joints().
  const Slice& DriverOf(int joint) const { return (*driven_)[driver_[static_cast<size_t>(joint)]]; }
  // The rows of its directions that belong to joint j, 3 x C.
  auto DirectionsOf(int joint) const {
    const PoseComponents& components = *DriverOf(joint).components;
    return components.directions.middleRows<3>(3 * (joint - components.first_joint));
  }

  // The axis-angles of joints 1 to J - 1. body_pose: 3 (J - 1).
  template <typename T>
  void ExpandPose(const T* frame, T* body_pose) const {
    std::copy_n(frame + this->body_pose(), 3 * (num_free_joints_ - 1), body_pose);
    for (const Slice& slice : *driven_) {
      const PoseComponents& components = *slice.components;
      T* theta = body_pose + 3 * (components.first_joint - 1);
      for (Eigen::Index i = 0; i < components.mean.size(); ++i) {
        theta[i] = T(components.mean[i]);
        for (int c = 0; c < slice.size; ++c) theta[i] += components.directions(i, c) * frame[slice.begin + c];
      }
    }
  }
  // Sets the frame's columns of rotations and components to those whose pose is nearest to body_pose, which
  // has 3 (J - 1) numbers.
  void ProjectPose(const double* body_pose, double* frame) const;

  // The only slice of kind kRoot, kRotations or kTranslation.
  const Slice& of(SliceKind kind) const { return (*slices_)[static_cast<size_t>(kind)]; }

  // Names of all columns, such as "left_knee x", "transl z" and "expression 0".
  std::vector<std::string> Names(const std::vector<std::string>& joint_names) const;

 private:
  int num_joints_;
  int num_free_joints_;
  int num_coefficients_;
  int size_;
  std::shared_ptr<const std::vector<Slice>> slices_, driven_;
  std::vector<size_t> driver_;  // of each joint, in driven_
};

// Indices of blocks. The views' zooms start at kFirstZoom, followed by their motions.
enum Block : int { kFrame, kBetas, kFirstZoom };

}  // namespace smplceres
