// Meshes and strokes of any numbers, painted into small images.
#include "smplceres/raster/paint.h"

#include <stdexcept>
#include <vector>

#include "bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  smplceres::Bytes bytes(data, size);
  const int width = bytes.Below(100, 1), height = bytes.Below(100, 1);
  std::vector<std::uint8_t> rgb(3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 128);
  const smplceres::Image image{rgb.data(), width, height};
  const double opacity = bytes.Take<std::uint8_t>() / 255.0;
  smplceres::ProjectedMesh mesh;
  const int vertices = bytes.Below(8, 3), faces = bytes.Below(8);
  mesh.uv.resize(vertices, 2);
  mesh.points.resize(vertices, 3);
  mesh.colours = smplceres::RowMatrix::Constant(vertices, 3, 100.0);
  mesh.faces.resize(faces, 3);
  mesh.perspective = bytes.Below(2) == 0;
  for (Eigen::Index i = 0; i < mesh.uv.size(); ++i) mesh.uv.data()[i] = bytes.Number();
  for (Eigen::Index i = 0; i < mesh.points.size(); ++i) mesh.points.data()[i] = bytes.Number();
  for (Eigen::Index i = 0; i < mesh.faces.size(); ++i) mesh.faces.data()[i] = bytes.Below(vertices);
  try {
    smplceres::PaintMesh(mesh, opacity, image);
    std::vector<smplceres::Stroke> strokes(static_cast<std::size_t>(bytes.Below(4)));
    for (smplceres::Stroke& stroke : strokes) {
      for (double* number : {&stroke.begin[0],
                             &stroke.begin[1],
                             &stroke.end[0],
                             &stroke.end[1],
                             &stroke.radius,
                             &stroke.half_width}) {
        *number = bytes.Number();
      }
      for (double& colour : stroke.colour) colour = bytes.Take<std::uint8_t>() / 255.0;
    }
    smplceres::PaintStrokes(strokes, image);
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
