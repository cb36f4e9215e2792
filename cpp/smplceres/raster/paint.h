// Paints meshes and strokes over a picture, in place. Apart from raster.h, which keeps the depths of a whole
// window, edges exactly and both sides of faces, for the solver: a picture is painted in bands that stay in
// the cache, 14 ms for a person who fills 1080 x 1920 pixels.
//
// A mesh is mixed into a pixel by the part of it that it covers,
//
//   c' = c + opacity (n / 4) (s - c)
//
//   n   of four samples a quarter of a pixel beside the pixel's centre, those in a face; of several faces the
//       nearest is seen (raster.h), of faces turned away from the viewer none
//   s   mean colour at those samples; at a vertex of colour b, unit normal n and with l towards the light
//       b (0.45 + 0.35 (1 + n.l)^2 / 2), wrapped so that no side is black; between vertices linear in the
//       picture
//
// A stroke is what is within w of the distance r of a segment: a line or a dot with r = 0, a ring with the
// segment's ends in one place. It covers a pixel at distance d by 1/2 + w - |d - r|, cut to 0 to 1.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "smplceres/body/body_model.h"

namespace smplceres {

// Height x width x 3, red, green, blue.
struct Picture {
  std::uint8_t* rgb = nullptr;
  int width = 0, height = 0;
};

struct SeenMesh {
  RowMatrix uv;             // V x 2, pixels; NaN where not before the viewer
  RowMatrix points;         // V x 3, metres in the viewer's frame: x right, y down, z forward
  RowMatrixI faces;         // F x 3, counter-clockwise from outside
  RowMatrix colours;        // V x 3, 0 to 255
  bool perspective = true;  // 1 / z is linear in the picture, otherwise z
};

// Faces with a corner that is farther out than ten times the picture's longer side are left out.
void PaintMesh(const SeenMesh& mesh, double opacity, const Picture& picture);

struct Stroke {
  std::array<double, 2> begin, end;  // pixels
  double radius, half_width;         // r and w, pixels
  std::array<double, 4> colour;      // red, green, blue 0 to 255, opacity 0 to 1
};

// In order, later ones over earlier ones. What is not finite is left out.
void PaintStrokes(const std::vector<Stroke>& strokes, const Picture& picture);

}  // namespace smplceres
