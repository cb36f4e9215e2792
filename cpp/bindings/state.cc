// The state of a fit.
#include "bindings/state.h"

#include <pybind11/stl.h>

#include <optional>
#include <utility>

#include "bindings/docs.h"
#include "bindings/slices.h"

namespace smplceres::bindings {
namespace {

Variables MakeVariables(const BodyModel& model,
                        const Array& global_orient,
                        const Array& body_pose,
                        const Array& betas,
                        const Array& transl,
                        const Array& log_zoom,
                        const std::optional<Array>& camera_motion,
                        const SliceArrays& slices) {
  CheckShape("log_zoom", log_zoom, {kAny});
  Variables variables(model, static_cast<size_t>(log_zoom.size()));
  variables.SetRootRotation(Exp(ToFiniteVector("global_orient", global_orient, 3).data()));
  variables.SetPose(ToFiniteVector("body_pose", body_pose, model.num_pose_angles()));
  variables.betas = ToFiniteVector("betas", betas, variables.betas.size());
  variables.Transl() = ToFiniteVector("transl", transl, 3);
  variables.log_zoom = ToFiniteVector("log_zoom", log_zoom, log_zoom.size());
  SetSlices(slices, &variables);
  if (camera_motion && camera_motion->size() > 0) {
    CheckShape("camera_motion", *camera_motion, {log_zoom.size(), kMotionSize});
    CheckFinite("camera_motion", *camera_motion);
    variables.camera_motion = Eigen::Map<const Eigen::VectorXd>(camera_motion->data(), camera_motion->size());
  }
  return variables;
}

State MakeState(const Variables& variables, const Array& initial_transl, const Array& pixels_per_metre) {
  return {variables,
          {ToFiniteVector("initial_transl", initial_transl, 3),
           ToFiniteVector("pixels_per_metre", pixels_per_metre, variables.num_views())}};
}

}  // namespace

void BindState(py::module_& m) {
  py::class_<Variables>(m, "Variables", "The variables of a fit.")
      .def(py::init(&MakeVariables),
           Doc(R"(Args:
               model: the body.
               global_orient: (3,) axis-angle of the root, radians.
               body_pose: (J-1, 3) axis-angles, radians; of joints that components drive, the nearest pose
                   that they reach.
               betas: (B,) standard deviations.
               transl: (3,) metres.
               log_zoom: (views,) logarithms of the factors on the cameras' focal lengths or scales.
               camera_motion: (views, 6) of each camera, rotation about its centre (camera axes, radians)
                   and translation of the centre (world axes, metres); None or (0, 6) if all poses are
                   known.
               slices: coefficients of further slices by name; 0 for missing names.

           Raises:
               ValueError: a wrong number of values, NaN, a name of a slice that the body does not have.
           )"),
           py::arg("model"),
           py::kw_only(),
           py::arg("global_orient"),
           py::arg("body_pose"),
           py::arg("betas"),
           py::arg("transl"),
           py::arg("log_zoom"),
           py::arg("camera_motion") = py::none(),
           py::arg("slices") = SliceArrays())
      .def_property_readonly(
          "global_orient",
          [](const Variables& v) { return ToArray(v.GlobalOrient(), {3}); },
          "(3,) radians, length <= pi.")
      .def_property_readonly(
          "body_pose",
          [](const Variables& v) {
            return ToArray(v.Pose(), {v.layout.num_joints() - 1, 3});
          },
          "(J-1, 3) radians.")
      .def_property_readonly(
          "betas",
          [](const Variables& v) { return ToArray(v.betas, {v.betas.size()}); },
          "(B,) standard deviations.")
      .def_property_readonly(
          "transl", [](const Variables& v) { return ToArray(v.Transl(), {3}); }, "(3,) metres.")
      .def_property_readonly("slices", &ToSlices, "Further slices by name, (n,) coefficients each.")
      .def_property_readonly(
          "log_zoom",
          [](const Variables& v) { return ToArray(v.log_zoom, {v.log_zoom.size()}); },
          "(views,), 0 for a camera whose scale is known.")
      .def_property_readonly(
          "camera_motion",
          [](const Variables& v) {
            return ToArray(v.camera_motion, {v.camera_motion.size() / kMotionSize, kMotionSize});
          },
          "(views, 6), or (0, 6) if all poses of cameras are known.");

  py::class_<State>(m, "State", "The state of a fit: its variables, and the initial position of the body.")
      .def(py::init(&MakeState),
           Doc(R"(Args:
               variables: the variables.
               initial_transl: (3,) metres, the initial estimate of transl, to which the depth prior refers.
               pixels_per_metre: (views,) in each image at the initial depth of the body, to which the residual
                   units refer; 0 if the body is not in front of the camera.

           Raises:
               ValueError: a wrong number of values, NaN.
           )"),
           py::arg("variables"),
           py::kw_only(),
           py::arg("initial_transl"),
           py::arg("pixels_per_metre"))
      .def_readonly("variables", &State::variables, "The variables.")
      .def_property_readonly(
          "initial_transl",
          [](const State& state) { return ToArray(state.place.transl, {3}); },
          "(3,) metres.")
      .def_property_readonly(
          "pixels_per_metre",
          [](const State& state) {
            return ToArray(state.place.pixels_per_metre, {state.place.pixels_per_metre.size()});
          },
          "(views,).");
}

}  // namespace smplceres::bindings
