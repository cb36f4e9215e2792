// The scene of a fit: what was observed, and what is known.
#include "smplceres/evidence/scene.h"

#include <pybind11/stl.h>

#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/docs.h"

namespace smplceres::bindings {
namespace {

std::vector<KeypointRole> ToRoles(const std::vector<int>& numbers) {
  std::vector<KeypointRole> roles;
  for (const int role : numbers) {
    if (role < 0 || role >= kNumKeypointRoles)
      throw std::invalid_argument("roles: expected 0 to " + std::to_string(kNumKeypointRoles - 1) + ", got " +
                                  std::to_string(role));
    roles.push_back(static_cast<KeypointRole>(role));
  }
  return roles;
}

Points3d MakePoints3d(const BodyModel& model,
                      std::shared_ptr<SkinnedPoints> points,
                      const std::vector<int>& point_of,
                      const std::vector<int>& roles,
                      const Array& xyz,
                      const Array& covariance,
                      const Array& confidence) {
  const py::ssize_t N = static_cast<py::ssize_t>(point_of.size());
  CheckShape("xyz", xyz, {N, 3});
  CheckShape("covariance", covariance, {N, 3, 3});
  CheckShape("confidence", confidence, {N});
  Points3d measured;
  measured.points = std::move(points);
  measured.point_of = point_of;
  measured.roles = ToRoles(roles);
  measured.xyz = ToMatrix(xyz, N);
  const RowMatrix rows = ToMatrix(covariance, 3 * N);
  for (py::ssize_t i = 0; i < N; ++i)
    measured.whitening.push_back(Whitening(rows.middleRows<3>(3 * i), confidence.at(i), static_cast<int>(i)));
  measured.Check(model);
  return measured;
}

View MakeView(std::shared_ptr<SkinnedPoints> points,
              const std::vector<int>& point_of_keypoint,
              const std::vector<int>& roles,
              const Array& keypoints,
              const Array& confidence,
              const Camera& camera,
              const std::optional<std::shared_ptr<Mask>>& mask) {
  const py::ssize_t K = static_cast<py::ssize_t>(point_of_keypoint.size());
  CheckShape("keypoints", keypoints, {K, 2});
  CheckShape("confidence", confidence, {K});
  View view;
  view.points = std::move(points);
  view.point_of_keypoint = point_of_keypoint;
  view.roles = ToRoles(roles);
  view.keypoints = K > 0 ? ToMatrix(keypoints, K) : RowMatrix(0, 2);
  view.confidence = ToVector(confidence);
  view.camera = camera;
  view.mask = mask.value_or(nullptr);
  return view;
}

using JointPrior = std::tuple<int, Array, Array>;

std::vector<JointDistribution> ToDistributions(const std::vector<JointPrior>& joint_prior) {
  std::vector<JointDistribution> joints;
  for (const auto& [joint, mean, sigma] : joint_prior)
    joints.push_back(
        {joint, ToFiniteVector("joint_prior mean", mean, 3), ToFiniteVector("joint_prior sigma", sigma, 3)});
  return joints;
}

Scene MakeScene(std::shared_ptr<BodyModel> model,
                const PosePrior& pose_prior,
                const std::optional<std::shared_ptr<JointLimits>>& joint_limits,
                const std::vector<JointPrior>& joint_prior,
                const std::vector<View>& views,
                const std::optional<Points3d>& points3d,
                const std::optional<KnownPerson>& person,
                const std::optional<Ground>& ground,
                const std::vector<Cloud>& clouds,
                const std::optional<std::shared_ptr<Lifting>>& lifting) {
  Scene scene{std::move(model),
              {pose_prior, joint_limits.value_or(nullptr), ToDistributions(joint_prior)},
              views,
              points3d,
              person,
              ground,
              clouds,
              lifting.value_or(nullptr)};
  scene.Check();
  return scene;
}

}  // namespace

void BindView(py::module_& m) {
  py::class_<Points3d>(m, "Points3d", "Points of one person measured in space.")
      .def(py::init(&MakePoints3d),
           Doc(R"(Args:
               model: the body.
               points: points of the body.
               point_of: N indices into `points`; -1 if the body has no such point.
               roles: N numbers, as in `View`.
               xyz: (N, 3) metres in the world, within +-1e6 if visible.
               covariance: (N, 3, 3) metres^2 at confidence 1, positive definite if visible.
               confidence: (N,) from 0 to 1e6, factors on the residuals; 0: not visible.

           Raises:
               ValueError: sizes that do not fit, numbers out of range, NaN in a visible point, a
                   covariance that is not positive definite.
           )"),
           py::kw_only(),
           py::arg("model").none(false),
           py::arg("points").none(false),
           py::arg("point_of"),
           py::arg("roles"),
           py::arg("xyz"),
           py::arg("covariance"),
           py::arg("confidence"))
      .def_property_readonly(
          "whitening",
          [](const Points3d& points) {
            const auto N = static_cast<py::ssize_t>(points.whitening.size());
            RowMatrix rows(3 * N, 3);
            for (py::ssize_t i = 0; i < N; ++i)
              rows.middleRows<3>(3 * i) = points.whitening[static_cast<size_t>(i)];
            return ToArray(rows, {N, 3, 3});
          },
          "(N, 3, 3) confidence L^T, L L^T the inverse covariance, 1 / metres; 0 if not visible.");

  py::class_<View>(m, "View", "The observations of a person in one image.")
      .def(py::init(&MakeView),
           Doc(R"(Args:
               points: points of the body.
               point_of_keypoint: K indices into `points`; -1 if the body has no such point.
               roles: K numbers: 0 shoulder, 1 hip or pelvis, 2 head, 3 any other, 4 neck.
               keypoints: (K, 2) pixels, within +-1e7 if visible.
               confidence: (K,) from 0 to 1e6; 0: not visible.
               camera: the camera of the image.
               mask: the region of the person.

           Raises:
               ValueError: sizes that do not fit.
           )"),
           py::kw_only(),
           py::arg("points").none(false),
           py::arg("point_of_keypoint"),
           py::arg("roles"),
           py::arg("keypoints"),
           py::arg("confidence"),
           py::arg("camera"),
           py::arg("mask") = py::none());
}

void BindScene(py::module_& m) {
  py::class_<Scene>(
      m,
      "Scene",
      "The constant input of a fit: observations of one person at one time, and known quantities.")
      .def(py::init(&MakeScene),
           Doc(R"(Args:
               model: the body.
               pose_prior: the distribution of the pose_prior term, over at most 3(J-1) numbers.
               joint_limits: the ranges of the joint_limits term, of at most J-1 joints; None: no such term.
               joint_prior: joint, mean (3,) and standard deviation (3,) in radians of the joints of the
                   joint_prior term, which the pose prior does not cover.
               views: the images, any number.
               points3d: points measured in space.
               person: known quantities of the person.
               ground: the ground plane.
               clouds: surfaces measured as points.
               lifting: the prediction for the first image that sees the person, of use if no other
                   image sees it and nothing measures depth; None: no conditional_prior term.

           Raises:
               ValueError: points of another body, numbers out of range, NaN in a visible keypoint.
           )"),
           py::kw_only(),
           py::arg("model").none(false),
           py::arg("pose_prior"),
           py::arg("joint_limits") = py::none(),
           py::arg("joint_prior") = std::vector<JointPrior>(),
           py::arg("views") = std::vector<View>(),
           py::arg("points3d") = py::none(),
           py::arg("person") = py::none(),
           py::arg("ground") = py::none(),
           py::arg("clouds") = std::vector<Cloud>(),
           py::arg("lifting") = py::none());
}

}  // namespace smplceres::bindings
