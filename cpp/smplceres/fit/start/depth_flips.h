// Depth flips of a body: parts mirrored in depth, which a single image can hardly
// distinguish from the original.
//
// A segment along d = x_end - x_begin (metres, world) that ends on the viewing ray of unit direction u may as
// well point along
//
//   d' = d - 2 (d . u) u.
//
// It has the same length and ends at the second intersection of the ray with the sphere about x_begin. (u
// points from a pinhole's centre to x_end; under weak perspective it is the optical axis.) If the segment
// above is mirrored too, x_begin moves and the end is only near its ray, which the next solve corrects.
//
// The two segments of a limb rotate like a hinge: with the normal n = d_upper x d_lower of the limb's plane,
// the upper segment's frame (d_upper, n) becomes (d'_upper, n'), so that an elbow or a knee keeps its axis.
// In a nearly straight limb, each segment takes the shortest rotation. Reference: Sminchisescu and Triggs,
// "Kinematic jump processes for monocular 3D human tracking", 2003.
#pragma once

#include <string>
#include <vector>

#include "smplceres/evidence/scene.h"
#include "smplceres/objective/variables.h"

namespace smplceres {

struct DepthFlip {
  std::string name;  // "left forearm", "facing", ...
  Variables variables;
};

// Flips of each limb's upper segment, lower segment and both, of the trunk's lean, of its facing, and of
// everything at once. Parts parallel to the image plane are left out, since their flip is the same. Empty
// unless scene.DepthIsAmbiguous().
std::vector<DepthFlip> DepthFlips(const Scene& scene, const Variables& variables);

}  // namespace smplceres
