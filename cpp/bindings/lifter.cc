// The network that predicts poses from keypoints.
#include <pybind11/stl.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/docs.h"
#include "smplceres/evidence/lifting.h"

namespace smplceres::bindings {
namespace {

std::shared_ptr<Lifter> MakeLifter(const std::map<std::string, Array>& arrays,
                                   std::vector<std::string> slots) {
  std::map<std::string, LifterMatrix> matrices;
  for (const auto& [name, array] : arrays) {
    if (array.ndim() > 2)
      throw std::invalid_argument(name + ": expected at most 2 dimensions, got shape " + ShapeOf(array));
    const py::ssize_t rows = array.ndim() > 0 ? array.shape(0) : 1;
    matrices[name] = ToMatrix(array, rows).cast<float>();
  }
  return std::make_shared<Lifter>(matrices, std::move(slots));
}

// None without a prediction.
template <typename Value>
auto OfBody(Value value) {
  return [value](const Lifting& lifting) -> py::object {
    const LiftedBody* body = lifting.Body();
    return body == nullptr ? py::object(py::none()) : py::object(value(*body));
  };
}

}  // namespace

void BindLifter(py::module_& m) {
  py::class_<Lifter, std::shared_ptr<Lifter>>(
      m, "Lifter", "The network that predicts a distribution of poses from the keypoints of an image.")
      .def(py::init(&MakeLifter),
           Doc(R"(Args:
               arrays: weights by name, as tools/train_lifter.py writes them; at most 2 dimensions each.
               slots: S locations on the body, the inputs; "+" between the parts of a mean.

           Raises:
               ValueError: an array that is missing, of another size or not finite.
           )"),
           py::arg("arrays"),
           py::arg("slots"))
      .def("slot_of",
           &Lifter::SlotOf,
           "The index of a location, given by its parts, among the slots; -1 if it has none.",
           py::arg("location"));

  py::class_<Lifting, std::shared_ptr<Lifting>>(
      m, "Lifting", "The prediction for an image, computed when it is first used.")
      .def(py::init([](std::shared_ptr<Lifter> lifter,
                       const View& view,
                       const std::vector<int>& slots,
                       double sigma_px,
                       bool focal_guessed) {
             return std::make_shared<Lifting>(std::move(lifter), view, slots, sigma_px, focal_guessed);
           }),
           Doc(R"(Args:
               lifter: the network.
               view: the image.
               slots: K indices, of the view's keypoints; -1 for a location that the network does not know.
               sigma_px: the noise of the keypoints, pixels; 0: unknown.
               focal_guessed: the network does not rely on the view's focal lengths.

           Raises:
               ValueError: slots that do not fit.
           )"),
           py::arg("lifter").none(false),
           py::arg("view"),
           py::arg("slots"),
           py::arg("sigma_px") = 0.0,
           py::arg("focal_guessed") = false)
      .def_property_readonly(
          "root",
          OfBody([](const LiftedBody& body) {
            return ToArray(body.root, {3, 3});
          }),
          "(3, 3) rotation of the pelvis in the axes of the camera; None if too few keypoints are visible.")
      .def_property_readonly(
          "mean",
          OfBody([](const LiftedBody& body) { return ToArray(body.pose.mean, {body.pose.mean.size()}); }),
          "(D,) location of body_pose, radians, or None.")
      .def_property_readonly("precision",
                             OfBody([](const LiftedBody& body) {
                               const Eigen::Index D = body.pose.mean.size();
                               return ToArray(body.pose.precision, {D, D});
                             }),
                             "(D, D) A^T A of the conditional_prior term, 1 / radians^2, or None.")
      .def_property_readonly(
          "degrees_of_freedom",
          OfBody([](const LiftedBody& body) { return py::float_(body.pose.degrees_of_freedom); }),
          "nu of the conditional_prior term, or None.");
}

}  // namespace smplceres::bindings
