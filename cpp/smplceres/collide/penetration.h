// Finds the vertices at which a posed mesh intersects itself.
//
// The surface is divided into parts (parts.h). A part's open ends are closed by fans: each directed edge (a,
// b) of its boundary gets the triangle (b, a, c), with c the mean of the boundary's connected piece. The
// result is closed for any mesh, so its winding number about a point,
//
//   w(p) = 1 / (4 pi) sum over triangles of the solid angle under which p sees them,
//
// is an integer. A vertex is inside another part if w > 1/2; its depth is its distance from that part's
// triangles, without the fans.
//
// Parts that touch at rest (parts.h: a joint and its parent, the arm pits) are not tested against each other,
// nor is a vertex against a part within kNearAtRest of it on the mean body at rest (the crotch). Only
// vertices are tested: an edge that crosses a part between its ends is not found.
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
  int part;      // joint whose part has the vertex
  int other;     // joint whose part contains it
  double depth;  // metres
};

// vertices: V x 3, metres. Ordered by vertex. Throws std::invalid_argument for another number of vertices.
std::vector<InsideVertex> FindPenetration(const BodyModel& model, const RowMatrix& vertices);

}  // namespace smplceres
