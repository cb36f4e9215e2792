// How the numbers of one frame lie in its parameter block, and the order of a fit's parameter blocks.
#pragma once

namespace smplceres {

struct FrameLayout {
  explicit FrameLayout(int num_joints) : num_joints(num_joints) {}

  int root() const { return 0; }
  int body_pose() const { return 3; }
  int transl() const { return 3 * num_joints; }
  int size() const { return 3 * num_joints + 3; }
  // Columns of joint j's three pose numbers, the root's included.
  int joint(int j) const { return 3 * j; }

  int num_joints;
};

// Numbers of the blocks: the views' zooms follow one another from kFirstZoom on, then their motions.
enum Block : int { kFrame, kBetas, kFirstZoom };

}  // namespace smplceres
