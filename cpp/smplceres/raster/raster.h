// Rasterises a mesh seen by a camera: the nearest face at each pixel, and its depth (a z-buffer).
//
// A face covers a pixel whose centre is in it or on its edge. Between corners of depths z_i, with
// barycentric coordinates b_i in the image,
//
//   1 / z = sum_i b_i / z_i   (pinhole),     z = sum_i b_i z_i   (weak perspective)
//
// Faces with a corner that is not in front of the camera are skipped. Edges are straight between projected
// corners; the bending by a lens is negligible for a body's small faces.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "smplceres/body/body_model.h"
#include "smplceres/camera/camera.h"

namespace smplceres {

// A part of the image at any scale: pixel (i, j) of the raster is at (left + pixel i, top + pixel j) of the
// image.
struct Window {
  double left = 0.0, top = 0.0;
  double pixel = 1.0;  // side of a pixel of the raster, in pixels of the image
  int width = 0, height = 0;
};

// The window around all finite points `uv` (N x 2), `size` pixels along its longer side; none
// unless two points differ.
std::optional<Window> WindowAround(const RowMatrix& uv, int size);

struct Raster {
  static constexpr int kNoFace = -1;

  Window window;
  std::vector<int> face;      // height x width, row-major; kNoFace if no face covers the pixel
  std::vector<double> depth;  // height x width, metres; infinity if no face covers the pixel

  size_t at(int x, int y) const {
    return static_cast<size_t>(y) * static_cast<size_t>(window.width) + static_cast<size_t>(x);
  }
};

// Projected points: uv (N x 2, pixels; NaN if not in front of the camera) and depths (N, metres).
struct Projected {
  RowMatrix uv;
  Eigen::VectorXd depth;
};
Projected Project(const Camera& camera, double zoom, const RowMatrix& points);

// faces: F x 3 vertex indices. Throws std::invalid_argument for a window that has no pixels or more than 1e9.
Raster Rasterise(const Camera& camera,
                 const Projected& vertices,
                 const RowMatrixI& faces,
                 const Window& window);

// Whether a face covers each pixel of a window, row-major. Only faces turned to the camera are drawn
// (negative area, since y is down); the others of a closed mesh are hidden behind them. uv: all vertices,
// finite. Throws as Rasterise does.
std::vector<char> CoveredPixels(const RowMatrix& uv, const RowMatrixI& faces, const Window& window);

}  // namespace smplceres
