// Tables for both languages (joints, keypoint formats, ranges of motion), and the points of a format.
#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/docs.h"
#include "smplceres/evidence/default_joint_prior.h"
#include "smplceres/evidence/details.h"
#include "smplceres/evidence/keypoint_points.h"
#include "smplceres/io/joint_ranges.h"
#include "smplceres/io/keypoint_format.h"
#include "smplceres/io/skeleton.h"

namespace smplceres::bindings {
namespace {

using NamedLocations = std::vector<std::pair<std::string, std::vector<std::string>>>;

std::vector<std::tuple<std::string, std::vector<std::string>, NamedLocations>> Formats() {
  std::vector<std::tuple<std::string, std::vector<std::string>, NamedLocations>> formats;
  for (const KeypointFormat& format : KeypointFormats()) {
    NamedLocations keypoints;
    for (const FormatKeypoint& keypoint : format.keypoints)
      keypoints.emplace_back(keypoint.name, keypoint.location);
    formats.emplace_back(format.name, format.aliases, std::move(keypoints));
  }
  return formats;
}

std::pair<std::shared_ptr<SkinnedPoints>, std::vector<int>> LocatePoints(
    std::shared_ptr<BodyModel> model,
    const std::string& body_name,
    const std::vector<std::string>& joint_names,
    const std::vector<std::tuple<std::string, std::vector<int>, std::vector<double>>>& landmarks,
    const std::string& format_name,
    const std::vector<std::vector<std::string>>& locations) {
  NamedBody body{body_name, std::move(model), joint_names, {}};
  for (const auto& [name, vertices, weights] : landmarks) {
    if (vertices.size() != weights.size())
      throw std::invalid_argument("landmarks: expected as many weights as vertices for " + name);
    body.landmarks.push_back({name, vertices, weights});
  }
  KeypointFormat format{format_name, {}, {}};
  for (const std::vector<std::string>& location : locations) format.keypoints.push_back({"", location});
  KeypointPoints made = MakeKeypointPoints(body, format);
  return {std::const_pointer_cast<SkinnedPoints>(made.points), made.point_of_keypoint};
}

auto RangeOf(const std::string& joint) {
  const MotionRange range = PublishedRange(joint);
  return std::make_tuple(ToArray(range.axes, {3, 3}), ToArray(range.lower, {3}), ToArray(range.upper, {3}));
}

}  // namespace

void BindTables(py::module_& m) {
  m.def("joint_names",
        &JointNames,
        "Names of SMPL's 24 joints, SMPL-H's 52 or SMPL-X's 55; otherwise joint_0, joint_1 ...",
        py::arg("num_joints"));
  m.def("face_landmarks", &FaceLandmarks, "Names of the 68 points of a face, in the order of 300-W.");
  m.def("finger_locations",
        &FingerLocations,
        "Names of the 30 joints of the fingers of SMPL-H and SMPL-X, and of the 10 tips.");
  m.def(
      "known_landmarks",
      [](int num_vertices, int num_joints) {
        std::vector<std::pair<std::string, int>> landmarks;
        for (const Landmark& landmark : KnownLandmarks(num_vertices, num_joints))
          landmarks.emplace_back(landmark.name, landmark.vertices.front());
        return landmarks;
      },
      "(name, vertex) of landmarks on the meshes of SMPL, SMPL-H and SMPL-X; empty for others.",
      py::arg("num_vertices"),
      py::arg("num_joints"));
  m.def("keypoint_formats", &Formats, "(name, aliases, [(keypoint, location)]) of each keypoint format.");
  m.def(
      "keypoint_role",
      [](const std::vector<std::string>& location) { return static_cast<int>(RoleOf({"", location})); },
      "The role, 0 to 4, of a keypoint at these joints or landmarks.",
      py::arg("location"));
  m.def("locate_points",
        &LocatePoints,
        Doc(R"(The points of a keypoint format on a body.

           Args:
               model: the body.
               body_name, format_name: for messages.
               joint_names: J names.
               landmarks: (name, vertices, weights) of points on the skin.
               locations: for each of K keypoints, names of joints and landmarks, of which it is the mean.

           Returns:
               The points, and the index of each keypoint's point; -1 if the body has no such point.

           Raises:
               ValueError: a body without any of the points.
           )"),
        py::arg("model").none(false),
        py::kw_only(),
        py::arg("body_name"),
        py::arg("joint_names"),
        py::arg("landmarks"),
        py::arg("format_name"),
        py::arg("locations"));
  m.def(
      "joint_distributions",
      [] {
        using Numbers = std::vector<double>;
        std::vector<std::tuple<std::string, Numbers, Numbers>> distributions;
        for (const NamedDistribution& each : kFaceJoints)
          distributions.emplace_back(each.joint,
                                     Numbers(each.mean.begin(), each.mean.end()),
                                     Numbers(each.sigma.begin(), each.sigma.end()));
        return distributions;
      },
      "(joint, mean, standard deviation) of the axis-angles of joints of the face, radians.");
  m.def(
      "show_details",
      [](const std::vector<int>& roles, const Array& confidence) {
        CheckShape("confidence", confidence, {static_cast<py::ssize_t>(roles.size())});
        std::vector<KeypointRole> of_keypoint;
        for (const int role : roles) of_keypoint.push_back(static_cast<KeypointRole>(role));
        return ShowDetails(of_keypoint,
                           Eigen::Map<const Eigen::VectorXd>(confidence.data(), confidence.size()));
      },
      "Whether at least 4 points of fingers are seen, or 8 of a face without its edge.",
      py::arg("roles"),
      py::arg("confidence"));
  m.def("published_range",
        &RangeOf,
        "Axes (3, 3), lower and upper limits (3,) of a joint's twist and swing, radians.",
        py::arg("joint"));
}

}  // namespace smplceres::bindings
