// How the numbers of one frame lie in its parameter block, and the order of a fit's parameter blocks. No
// other file computes a column.
//
//   frame   [ global_orient 3 | body_pose 3 (J - 1) | transl 3 | further slices of the model ]
//
// A further slice holds coefficients that move the vertices at rest linearly, as betas do, but of one frame
// alone: an expression of the face (body_model.h). The model states it; fits, results, covariances and
// trackers go through `slices` and need no change for it.
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

// Numbers begin to begin + size - 1 of a frame's block.
struct Slice {
  std::string name;
  SliceKind kind;
  int begin;
  int size;
  int block_size;           // of the whole block
  double walk_sigma = 1.0;  // of coefficients: standard deviation of their change over a second
};

class FrameLayout {
 public:
  // further: name, size and walk_sigma of coefficients. Throws std::invalid_argument for names that are empty
  // or taken and numbers out of range.
  explicit FrameLayout(int num_joints, const std::vector<Slice>& further = {});

  const std::vector<Slice>& slices() const { return *slices_; }
  int size() const { return size_; }
  int num_joints() const { return num_joints_; }

  // First columns, and those of joint j's three pose numbers, the root's included.
  int root() const { return 0; }
  int joint(int j) const { return 3 * j; }
  int body_pose() const { return 3; }
  int transl() const { return 3 * num_joints_; }
  // Of all further slices together.
  int coefficients() const { return size_ - num_coefficients_; }
  int num_coefficients() const { return num_coefficients_; }

  // The first slice of a kind that every body has.
  const Slice& of(SliceKind kind) const { return (*slices_)[static_cast<size_t>(kind)]; }

  // Of all numbers, such as "left_knee x", "transl z" and "expression 0".
  std::vector<std::string> Names(const std::vector<std::string>& joint_names) const;

 private:
  int num_joints_;
  int num_coefficients_;
  int size_;
  std::shared_ptr<const std::vector<Slice>> slices_;
};

// Numbers of the blocks: the views' zooms follow one another from kFirstZoom on, then their motions.
enum Block : int { kFrame, kBetas, kFirstZoom };

}  // namespace smplceres
