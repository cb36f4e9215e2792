// Which variables a stage frees, holds or bounds. Decided here for every solver.
#pragma once

#include <vector>

#include "smplceres/evidence/scene.h"
#include "smplceres/objective/stage.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

struct FreeSet {
  // Of a stage on one frame. The zoom and the camera motion of a view that sees nobody are held.
  FreeSet(const Stage& stage, const Scene& scene, const Variables& variables);

  // Of the columns of the objective's Jacobian: frame, betas, zooms, camera motions.
  std::vector<bool> Columns() const;

  // Frees and bounds whatever the other set frees and bounds of the blocks that frames share.
  void AddShared(const FreeSet& other);
  void HoldShared();
  void HoldFrame() { frame.assign(frame.size(), false); }

  // Columns of the frame block that are held, ascending.
  std::vector<int> HeldOfFrame() const;

  std::vector<bool> frame;  // of each number of the frame block
  bool betas;               // all or none
  int num_betas;
  std::vector<bool> zoom;          // of each view
  std::vector<bool> bounded_zoom;  // of each view: free, and |log zoom| <= log kMaxZoom
  std::vector<bool> motion;        // of each view; empty where no camera moves
};

// Whether a stage frees a camera's focal length: one that is unknown.
bool FreesFocal(const Stage& stage, const Camera& camera);

// Whether a stage frees the pose of a camera: one that is unknown.
bool FreesMotion(const Stage& stage, const Camera& camera);

}  // namespace smplceres
