// Painting meshes and strokes onto an image.
#include "smplceres/raster/paint.h"

#include "bindings/arrays.h"
#include "bindings/docs.h"

namespace smplceres::bindings {
namespace {

using Bytes = py::array_t<std::uint8_t, py::array::c_style>;

Image ToImage(Bytes& image) {
  CheckShape("image", image, {kAny, kAny, 3});
  if (!image.writeable())
    throw std::invalid_argument("image: expected a writable array, got a read-only one");
  return {image.mutable_data(), static_cast<int>(image.shape(1)), static_cast<int>(image.shape(0))};
}

void RunPaintMesh(Bytes image,
                  const Array& uv,
                  const Array& points,
                  const IntArray& faces,
                  const Array& colours,
                  bool perspective,
                  double opacity) {
  const Image target = ToImage(image);
  const py::ssize_t V = uv.ndim() > 0 ? uv.shape(0) : 0, F = faces.ndim() > 0 ? faces.shape(0) : 0;
  CheckShape("uv", uv, {V, 2});
  CheckShape("points", points, {V, 3});
  CheckShape("faces", faces, {F, 3});
  CheckShape("colours", colours, {V, 3});
  const RowMatrixI corners = Eigen::Map<const RowMatrixI>(faces.data(), F, 3);
  if (F > 0 && (corners.minCoeff() < 0 || corners.maxCoeff() >= V))
    throw std::invalid_argument("faces: expected numbers of " + std::to_string(V) + " vertices, got " +
                                std::to_string(corners.minCoeff()) + " to " +
                                std::to_string(corners.maxCoeff()));
  if (!(opacity >= 0.0 && opacity <= 1.0))
    throw std::invalid_argument("opacity: expected 0 to 1, got " + std::to_string(opacity));
  const ProjectedMesh mesh{ToMatrix(uv, V), ToMatrix(points, V), corners, ToMatrix(colours, V), perspective};
  const py::gil_scoped_release release;
  PaintMesh(mesh, opacity, target);
}

void RunPaintStrokes(
    Bytes image, const Array& ends, const Array& radii, const Array& half_widths, const Array& colours) {
  const Image target = ToImage(image);
  CheckShape("ends", ends, {kAny, 4});
  const py::ssize_t N = ends.shape(0);
  CheckShape("radii", radii, {N});
  CheckShape("half_widths", half_widths, {N});
  CheckShape("colours", colours, {N, 4});
  std::vector<Stroke> strokes;
  for (py::ssize_t i = 0; i < N; ++i) {
    const auto end = [&](py::ssize_t k) { return ends.at(i, k); };
    const auto colour = [&](py::ssize_t k) { return colours.at(i, k); };
    strokes.push_back({{end(0), end(1)},
                       {end(2), end(3)},
                       radii.at(i),
                       half_widths.at(i),
                       {colour(0), colour(1), colour(2), colour(3)}});
  }
  const py::gil_scoped_release release;
  PaintStrokes(strokes, target);
}

}  // namespace

void BindPaint(py::module_& m) {
  m.def("paint_mesh",
        &RunPaintMesh,
        Doc(R"(Paints a shaded mesh over an image, in place, its edges smooth.

           Args:
               image: (height, width, 3), changed.
               uv: (V, 2) pixels of the vertices; NaN if not in front of the viewer.
               points: (V, 3) metres in the viewer's frame: x right, y down, z forward.
               faces: (F, 3) counter-clockwise from outside; faces turned away are not drawn.
               colours: (V, 3) 0 to 255.
               perspective: 1 / z is linear in the image; otherwise z is.
               opacity: 0 to 1.

           Raises:
               ValueError: wrong shapes, faces with vertices out of range, a read-only
                   image.
               TypeError: an image of another type, or whose rows are not contiguous.
           )"),
        py::arg("image").noconvert(),
        py::kw_only(),
        py::arg("uv"),
        py::arg("points"),
        py::arg("faces"),
        py::arg("colours"),
        py::arg("perspective"),
        py::arg("opacity"));
  m.def("paint_strokes",
        &RunPaintStrokes,
        Doc(R"(Paints lines, dots and rings over an image, in place, in order.

           A stroke covers the points whose distance from a segment is within `half_widths` of `radii`.
           Strokes with numbers that are not finite are left out.

           Args:
               image: (height, width, 3), changed.
               ends: (N, 4) x, y of one end and x, y of the other, pixels.
               radii, half_widths: (N,) pixels.
               colours: (N, 4) red, green, blue 0 to 255, opacity 0 to 1.

           Raises:
               ValueError, TypeError: as `paint_mesh`.
           )"),
        py::arg("image").noconvert(),
        py::kw_only(),
        py::arg("ends"),
        py::arg("radii"),
        py::arg("half_widths"),
        py::arg("colours"));
}

}  // namespace smplceres::bindings
