// The outline of a posed body in a picture, and which of its points belong to which of a mask's.
//
// The outline of a mesh is made of edges between a face that is turned to the camera and one that is turned
// away, those beside which, outwards, there is nothing of the body: the pixels that the body covers say so.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/camera/camera.h"
#include "smplceres/raster/mask.h"
#include "smplceres/terms/silhouette_contour.h"
#include "smplceres/terms/silhouette_inside.h"

namespace smplceres {

// (1 - share) a + share b of vertices a and b.
struct EdgePoint {
  int a, b;
  double share;
};

struct OutlineEdge {
  int a, b;                    // vertices
  Eigen::Vector2d uv_a, uv_b;  // pixels
  Eigen::Vector2d normal;      // unit length, outwards
};

// `zoom`: of the camera. `vertices`: of the body, V x 3, metres, world. The order of edges is a function of
// the input alone. Empty for a body that is not all in front of the camera.
std::vector<OutlineEdge> SeenOutline(const BodyModel& model,
                                     const Camera& camera,
                                     double zoom,
                                     const RowMatrix& vertices);

// `count` points: half on the outline, evenly by length in the picture, the rest vertices from all over.
std::vector<EdgePoint> SpreadPoints(const BodyModel& model,
                                    const std::vector<OutlineEdge>& outline,
                                    int count);

struct ContourMatch {
  int contour_point;
  EdgePoint point;
};

// unit: residual units per pixel, which options.sigma is in.
std::vector<ContourMatch> MatchContour(const Mask& mask,
                                       const std::vector<OutlineEdge>& outline,
                                       const SilhouetteContourOptions& options,
                                       double unit);

}  // namespace smplceres
