// The variables that a stage frees, holds constant or bounds, decided here for every solver.
#pragma once

#include <vector>

#include "smplceres/evidence/scene.h"
#include "smplceres/objective/stage.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

struct FreeSet {
  // The free set of a stage on one frame. The zoom and camera motion of a view without
  // visible keypoints are constant.
  FreeSet(const Stage& stage, const Scene& scene, const Variables& variables);

  // One flag per column of the objective's Jacobian: frame, betas, zooms, camera motions.
  std::vector<bool> Columns() const;

  // Also frees and bounds the shared blocks that `other` frees and bounds.
  void AddShared(const FreeSet& other);
  void HoldShared();
  void HoldFrame() { frame.assign(frame.size(), false); }

  // Constant columns of the frame block, ascending.
  std::vector<int> HeldFrameColumns() const;

  std::vector<bool> frame;  // per column of the frame block
  bool betas;               // all or none
  int num_betas;
  std::vector<bool> zoom;          // per view
  std::vector<bool> bounded_zoom;  // per view: free with |log zoom| <= log kMaxZoom
  std::vector<bool> motion;        // per view; empty if no camera's pose is unknown
};

// Whether a stage frees a camera's focal length, which must be unknown.
bool FreesFocal(const Stage& stage, const Camera& camera);

// Whether a stage frees a camera's pose, which must be unknown.
bool FreesMotion(const Stage& stage, const Camera& camera);

}  // namespace smplceres
