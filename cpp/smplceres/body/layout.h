// The layout of a frame's parameter block, and the order of a fit's parameter blocks. No
// other file computes a column.
//
//   frame   [ global_orient 3 | body_pose 3 (J - 1) | transl 3 | further slices of the model ]
//
// A further slice holds coefficients that move the vertices at rest linearly, like betas but per frame, such
// as the expression of the face (body_model.h). The model declares it; fits, results, covariances and
// trackers iterate over `slices` and need no change.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace smplceres {

enum class SliceKind {
  kRoot,          // a rotation vector about an anchor (objective/variables.h), radians
  kRotations,     // axis-angles of joints, radians
  kTranslation,   // metres
  kCoefficients,  // of directions of unit standard deviation
};

// Columns begin to begin + size - 1 of a frame's block.
struct Slice {
  std::string name;
  SliceKind kind;
  int begin;
  int size;
  int block_size;           // size of the whole block
  double walk_sigma = 1.0;  // for coefficients: standard deviation of the change over a second
};

class FrameLayout {
 public:
  // further: name, size and walk_sigma of coefficients. Throws std::invalid_argument for empty or duplicate
  // names and numbers out of range.
  explicit FrameLayout(int num_joints, const std::vector<Slice>& further = {});

  const std::vector<Slice>& slices() const { return *slices_; }
  int size() const { return size_; }
  int num_joints() const { return num_joints_; }

  // First columns; joint(j): of joint j's axis-angle, including the root's.
  int root() const { return 0; }
  int joint(int j) const { return 3 * j; }
  int body_pose() const { return 3; }
  int transl() const { return 3 * num_joints_; }
  // The columns of all further slices together.
  int coefficients() const { return size_ - num_coefficients_; }
  int num_coefficients() const { return num_coefficients_; }

  // The slice of a kind other than kCoefficients.
  const Slice& of(SliceKind kind) const { return (*slices_)[static_cast<size_t>(kind)]; }

  // Names of all columns, such as "left_knee x", "transl z" and "expression 0".
  std::vector<std::string> Names(const std::vector<std::string>& joint_names) const;

 private:
  int num_joints_;
  int num_coefficients_;
  int size_;
  std::shared_ptr<const std::vector<Slice>> slices_;
};

// Indices of blocks. The views' zooms start at kFirstZoom, followed by their motions.
enum Block : int { kFrame, kBetas, kFirstZoom };

}  // namespace smplceres
