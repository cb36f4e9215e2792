// The bodies that a single picture can hardly tell from a given one: parts of it mirrored in depth.
//
// A segment that points along d = x_end - x_begin (metres, world) and ends on the viewing ray of unit
// direction u may as well point along
//
//   d' = d - 2 (d . u) u,
//
// as long, and its end still on that ray: the other point where the ray meets the sphere about x_begin. (Of a
// pinhole u goes from the camera's centre to x_end; of weak perspective it is the optical axis.) Where the
// segment begins elsewhere than before, because the one above it was mirrored too, the end is only nearly on
// its ray, and a solve puts it back.
//
// The two segments of a limb turn as a hinge does: with the normal n = d_upper x d_lower of the limb's plane,
// the upper segment's frame (d_upper, n) becomes (d'_upper, n'), so that an elbow or a knee bends about the
// axis that it bent about before. Of a limb that is nearly straight each segment takes the shortest way.
// Source of the ambiguity: Sminchisescu and Triggs, "Kinematic jump processes for monocular 3D human
// tracking", 2003.
#pragma once

#include <string>
#include <vector>

#include "smplceres/evidence/scene.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

// Not where more than one view sees the body, where a mask is given or space was measured, or where the tree
// does not begin as SMPL's.
bool DepthIsAmbiguous(const Scene& scene);

struct DepthFlip {
  std::string name;  // "left forearm", "facing", ...
  Variables variables;
};

// Each limb's upper segment, lower segment and both, the trunk's lean, its facing, and everything at once;
// parts that lie flat in the picture are left out, for they have no other side. None at all unless
// DepthIsAmbiguous.
std::vector<DepthFlip> DepthFlips(const Scene& scene, const Variables& variables);

}  // namespace smplceres
