// Where a posed mesh passes through itself.
//
// The surface is cut into parts (parts.h). A part's open ends are closed by fans: each directed edge (a, b)
// of its boundary gets the triangle (b, a, c), c the mean of the boundary's connected piece. A boundary has
// no boundary, so what results is closed whatever the mesh is, and its winding number about a point,
//
//   w(p) = 1 / (4 pi) sum over triangles of the solid angle under which p sees them,
//
// is a whole number. A vertex is inside another part where w > 1/2; its depth is its distance from that
// part's own triangles, fans left out.
//
// Not tested: parts that touch by nature (parts.h: a joint and its parent, the arm pits), and a vertex
// against a part that is within kNearAtRest of it on the mean body at rest (the crotch).
// Vertices are what is tested: an edge that passes through a part between its ends is not seen.
//
// Reference: A. Van Oosterom and J. Strackee, "The solid angle of a plane triangle", IEEE Transactions on
// Biomedical Engineering 30, 1983.
#pragma once

#include <vector>

#include "smplceres/body/body_model.h"

namespace smplceres {

constexpr double kNearAtRest = 0.05;  // metres

struct InsideVertex {
  int vertex;
  int part;      // joint whose part the vertex is of
  int other;     // joint whose part it is in
  double depth;  // metres
};

// vertices: V x 3, metres. Ordered by vertex. Throws std::invalid_argument for another number of vertices.
std::vector<InsideVertex> FindPenetration(const BodyModel& model, const RowMatrix& vertices);

}  // namespace smplceres
