// Pinhole and weak perspective cameras.
#include "smplceres/camera/camera.h"

#include <pybind11/stl.h>

#include <Eigen/LU>
#include <cmath>
#include <tuple>

#include "bindings/arrays.h"
#include "bindings/docs.h"
#include "smplceres/raster/raster.h"
#include "smplceres/terms/term.h"

namespace smplceres::bindings {
namespace {

void CheckNumber(const char* name, double value) {
  if (!std::isfinite(value))
    throw std::invalid_argument(std::string(name) + ": expected a finite number, got NaN or infinity");
}

CamFromWorld MakeCamFromWorld(const Array& rotation, const Array& translation) {
  CheckShape("rotation", rotation, {3, 3});
  CheckShape("translation", translation, {3});
  CheckFinite("rotation", rotation);
  CheckFinite("translation", translation);
  CamFromWorld cam_from_world;
  cam_from_world.rotation = ToMatrix(rotation, 3);
  cam_from_world.translation = ToVector(translation);
  const Eigen::Matrix3d& R = cam_from_world.rotation;
  if (!(R * R.transpose()).isIdentity(1e-6) || R.determinant() < 0.0)
    throw std::invalid_argument("rotation: expected a rotation matrix (R R^T = I, det R = 1)");
  return cam_from_world;
}

Pinhole MakePinhole(double fx,
                    double fy,
                    double cx,
                    double cy,
                    const Array& distortion,
                    const Array& rotation,
                    const Array& translation,
                    bool focal_known,
                    double log_focal_sigma,
                    bool pose_known,
                    double rotation_sigma,
                    double centre_sigma) {
  Pinhole camera;
  camera.focal_known = focal_known;
  camera.log_focal_sigma = log_focal_sigma;
  camera.pose_known = pose_known;
  camera.rotation_sigma = rotation_sigma;
  camera.centre_sigma = centre_sigma;
  CheckPositive("fx", fx);
  CheckPositive("fy", fy);
  CheckNumber("cx", cx);
  CheckNumber("cy", cy);
  CheckFinite("distortion", distortion);
  if (distortion.ndim() != 1 || distortion.size() > 8)
    throw std::invalid_argument("distortion: expected at most 8 numbers k1 k2 p1 p2 k3 k4 k5 k6, got shape " +
                                ShapeOf(distortion));
  camera.fx = fx;
  camera.fy = fy;
  camera.cx = cx;
  camera.cy = cy;
  for (py::ssize_t i = 0; i < distortion.size(); ++i)
    camera.distortion[static_cast<size_t>(i)] = distortion.at(i);
  camera.cam_from_world = MakeCamFromWorld(rotation, translation);
  return camera;
}

WeakPerspective MakeWeakPerspective(
    double scale, bool scale_known, double cx, double cy, const Array& rotation, const Array& translation) {
  WeakPerspective camera;
  CheckPositive("scale", scale);
  CheckNumber("cx", cx);
  CheckNumber("cy", cy);
  camera.scale = scale;
  camera.scale_known = scale_known;
  camera.cx = cx;
  camera.cy = cy;
  camera.cam_from_world = MakeCamFromWorld(rotation, translation);
  return camera;
}

template <typename CameraModel>
py::array_t<double> PixelsOf(const CameraModel& camera, const Array& points) {
  CheckShape("points", points, {kAny, 3});
  const py::ssize_t n = points.shape(0);
  return ToArray(Project(camera, 1.0, ToMatrix(points, n)).uv, {n, 2});
}

py::array_t<double> Normalised(const Pinhole& camera, const Array& pixels) {
  CheckShape("pixels", pixels, {kAny, 2});
  const py::ssize_t n = pixels.shape(0);
  RowMatrix xy = ToMatrix(pixels, n);
  for (py::ssize_t i = 0; i < n; ++i) xy.row(i) = camera.Normalise(xy.row(i).transpose()).transpose();
  return ToArray(xy, {n, 2});
}

auto RasteriseMesh(const Camera& camera,
                   const Array& vertices,
                   const IntArray& faces,
                   double left,
                   double top,
                   double pixel,
                   int width,
                   int height) {
  CheckShape("vertices", vertices, {kAny, 3});
  CheckShape("faces", faces, {kAny, 3});
  const py::ssize_t V = vertices.shape(0), F = faces.shape(0);
  const RowMatrixI corners = Eigen::Map<const RowMatrixI>(faces.data(), F, 3);
  if (F > 0 && (corners.minCoeff() < 0 || corners.maxCoeff() >= V))
    throw std::invalid_argument("faces: expected numbers of " + std::to_string(V) + " vertices, got " +
                                std::to_string(corners.minCoeff()) + " to " +
                                std::to_string(corners.maxCoeff()));
  const RowMatrix points = ToMatrix(vertices, V);
  Raster raster;
  {
    const py::gil_scoped_release release;
    raster = Rasterise(camera, Project(camera, 1.0, points), corners, {left, top, pixel, width, height});
  }
  return std::make_tuple(
      ToArray(Eigen::Map<const RowMatrixI>(raster.face.data(), height, width), {height, width}),
      ToArray(Eigen::Map<const RowMatrix>(raster.depth.data(), height, width), {height, width}));
}

}  // namespace

void BindCamera(py::module_& m) {
  py::class_<Pinhole>(m, "Pinhole", Doc(R"(A pinhole camera with Brown-Conrady distortion, as in OpenCV.

           Camera frame: x right, y down, z forward. Pixel centres at integers.
           )"))
      .def(py::init(&MakePinhole),
           Doc(R"(Args:
               fx, fy: focal lengths, pixels, > 0.
               cx, cy: principal point, pixels.
               distortion: up to 8 numbers k1 k2 p1 p2 k3 k4 k5 k6; missing ones are 0.
               rotation: (3, 3) R of cam_from_world, orthonormal to 1e-6.
               translation: (3,) t of cam_from_world, metres: a world point p is at R p + t.
               focal_known: False: fx and fy are a guess, and a fit estimates a factor on both.
               log_focal_sigma: standard deviation of the logarithm of that factor, > 0.
               pose_known: False: rotation and translation are a guess, and a fit estimates the motion of
                   the camera: a rotation about its centre and a translation of the centre.
               rotation_sigma, centre_sigma: standard deviations of that guess on each axis, radians and
                   metres, > 0.

           Raises:
               ValueError: a number out of range, a wrong shape, NaN, a matrix that is not a rotation.
           )"),
           py::kw_only(),
           py::arg("fx"),
           py::arg("fy"),
           py::arg("cx"),
           py::arg("cy"),
           py::arg("distortion"),
           py::arg("rotation"),
           py::arg("translation"),
           py::arg("focal_known") = true,
           py::arg("log_focal_sigma") = Pinhole{}.log_focal_sigma,
           py::arg("pose_known") = true,
           py::arg("rotation_sigma") = Pinhole{}.rotation_sigma,
           py::arg("centre_sigma") = Pinhole{}.centre_sigma)
      .def("project",
           &PixelsOf<Pinhole>,
           "(n, 2) pixels of (n, 3) world points; NaN for points less than 1 cm in front of the camera.",
           py::arg("points"))
      .def(
          "normalise",
          &Normalised,
          Doc(R"((n, 2) X / Z and Y / Z in the camera frame for (n, 2) pixels, with distortion removed by fixed-point
           iteration (exact to 1e-8 for ordinary lenses).
           )"),
          py::arg("pixels"));

  py::class_<WeakPerspective>(
      m,
      "WeakPerspective",
      "A scaled orthographic camera: u = scale X + cx, v = scale Y + cy; depth has no effect.")
      .def(py::init(&MakeWeakPerspective),
           Doc(R"(Args:
               scale: pixels per metre, > 0.
               scale_known: False: a fit estimates a zoom, a factor on the scale.
               cx, cy: pixels, position of the camera's axis.
               rotation, translation: as in `Pinhole`.

           Raises:
               ValueError: as `Pinhole`.
           )"),
           py::kw_only(),
           py::arg("scale"),
           py::arg("scale_known"),
           py::arg("cx"),
           py::arg("cy"),
           py::arg("rotation"),
           py::arg("translation"))
      .def("project",
           &PixelsOf<WeakPerspective>,
           "(n, 2) pixels of (n, 3) world points, at zoom 1.",
           py::arg("points"));

  m.def("rasterise",
        &RasteriseMesh,
        Doc(R"(Renders a mesh into a z-buffer.

           Args:
               vertices: (V, 3) metres, world.
               faces: (F, 3) vertices; faces with a corner behind the camera are left out.
               left, top: position of the centre of the first pixel in the image, pixels.
               pixel: the side of a pixel of the result, pixels of the image, > 0.
               width, height: of the result.

           Returns:
               (height, width) the nearest face at each pixel's centre, -1 if there is none, and its
               depth, metres in front of the camera; infinity if there is none.

           Raises:
               ValueError: wrong shapes, faces with vertices out of range, an empty result.
           )"),
        py::arg("camera"),
        py::arg("vertices"),
        py::arg("faces"),
        py::kw_only(),
        py::arg("left") = 0.0,
        py::arg("top") = 0.0,
        py::arg("pixel") = 1.0,
        py::arg("width"),
        py::arg("height"));
}

}  // namespace smplceres::bindings
