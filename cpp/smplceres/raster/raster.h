// A mesh as a camera sees it: at each pixel the nearest face and its depth (a z-buffer).
//
// A face covers a pixel whose centre is in it or on its edge. Between corners of depths z_i, with
// barycentric coordinates b_i in the picture,
//
//   1 / z = sum_i b_i / z_i   (pinhole),     z = sum_i b_i z_i   (weak perspective)
//
// Faces with a corner that is not in front of the camera are left out. Lenses bend edges; here they are
// straight between projected corners, which the small faces of a body do not tell apart.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/camera/camera.h"

namespace smplceres {

// Pixel (i, j) of the raster is at (left + pixel i, top + pixel j) of the picture: a part of it, at any
// scale.
struct Window {
  double left = 0.0, top = 0.0;
  double pixel = 1.0;  // side of a pixel of the raster, pixels of the picture
  int width = 0, height = 0;
};

// The window around all finite points `uv` (N x 2), `size` pixels along its longer side; none where no two
// points differ.
std::optional<Window> WindowAround(const RowMatrix& uv, int size);

struct Raster {
  static constexpr int kNothing = -1;

  Window window;
  std::vector<int> face;      // height x width, row by row; kNothing where the mesh is not
  std::vector<double> depth;  // the same, metres before the camera; infinity where the mesh is not

  size_t at(int x, int y) const {
    return static_cast<size_t>(y) * static_cast<size_t>(window.width) + static_cast<size_t>(x);
  }
};

// What a camera makes of points: uv (N x 2, pixels; NaN for points not in front) and depths (N, metres).
struct Projected {
  RowMatrix uv;
  Eigen::VectorXd depth;
};
Projected Project(const Camera& camera, double zoom, const RowMatrix& points);

// `faces`: F x 3 numbers of vertices. Throws std::invalid_argument for a window that has no pixels or more
// than 1e9.
Raster Rasterise(const Camera& camera,
                 const Projected& vertices,
                 const RowMatrixI& faces,
                 const Window& window);

// Whether a face covers each pixel of a window, row by row: a z-buffer without depths. Only faces that are
// turned to the camera count (corners of negative area: y is down), which are all that a closed mesh shows.
// `uv`: of all vertices, finite. Throws as Rasterise.
std::vector<char> Cover(const RowMatrix& uv, const RowMatrixI& faces, const Window& window);

}  // namespace smplceres
