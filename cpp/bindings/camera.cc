// Pinhole and weak perspective cameras.
#include "smplceres/camera/camera.h"

#include <pybind11/stl.h>

#include <Eigen/LU>
#include <cmath>
#include <limits>

#include "arrays.h"
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
                    bool focal_known) {
  Pinhole camera;
  camera.focal_known = focal_known;
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

// Pixels (n, 2) of world points (n, 3); NaN for points that are not in front of the camera.
template <typename CameraModel>
py::array_t<double> Project(const CameraModel& camera, const Array& points) {
  CheckShape("points", points, {kAny, 3});
  const py::ssize_t n = points.shape(0);
  RowMatrix pixels = RowMatrix::Constant(n, 2, std::numeric_limits<double>::quiet_NaN());
  for (py::ssize_t i = 0; i < n; ++i) camera.Project(points.data(i, 0), 1.0, pixels.row(i).data());
  return ToArray(pixels, {n, 2});
}

}  // namespace

void BindCamera(py::module_& m) {
  py::class_<Pinhole>(m, "Pinhole")
      .def(py::init(&MakePinhole),
           py::kw_only(),
           py::arg("fx"),
           py::arg("fy"),
           py::arg("cx"),
           py::arg("cy"),
           py::arg("distortion"),
           py::arg("rotation"),
           py::arg("translation"),
           py::arg("focal_known") = true)
      .def("project", &Project<Pinhole>, py::arg("points"));

  py::class_<WeakPerspective>(m, "WeakPerspective")
      .def(py::init(&MakeWeakPerspective),
           py::kw_only(),
           py::arg("scale"),
           py::arg("scale_known"),
           py::arg("cx"),
           py::arg("cy"),
           py::arg("rotation"),
           py::arg("translation"))
      .def("project", &Project<WeakPerspective>, py::arg("points"));
}

}  // namespace smplceres::bindings
