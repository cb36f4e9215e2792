// The outline of a posed body in an image, and its matches with the outline of a mask.
//
// The outline consists of the edges between a face turned to the camera and one turned away, as far as the
// body covers no pixel just outside the edge.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/camera/camera.h"
#include "smplceres/raster/mask.h"
#include "smplceres/terms/silhouette_contour.h"
#include "smplceres/terms/silhouette_inside.h"

namespace smplceres {

// The point (1 - share) v_a + share v_b.
struct EdgePoint {
  int a, b;
  double share;
};

struct OutlineEdge {
  int a, b;                    // vertex indices
  Eigen::Vector2d uv_a, uv_b;  // pixels
  Eigen::Vector2d normal;      // outward, unit length
};

// Edges of the outline, in deterministic order. Empty unless the whole body is in front of the camera.
// vertices: V x 3, metres, world.
std::vector<OutlineEdge> VisibleOutline(const BodyModel& model,
                                        const Camera& camera,
                                        double zoom,
                                        const RowMatrix& vertices);

// `count` points: half on the outline, evenly by length in the image, the rest vertices spread over the
// surface.
std::vector<EdgePoint> SpreadPoints(const BodyModel& model,
                                    const std::vector<OutlineEdge>& outline,
                                    int count);

struct ContourMatch {
  int contour_point;
  EdgePoint point;
};

// unit: residual units (those of options.sigma) per pixel.
std::vector<ContourMatch> MatchContour(const Mask& mask,
                                       const std::vector<OutlineEdge>& outline,
                                       const SilhouetteContourOptions& options,
                                       double unit);

}  // namespace smplceres
