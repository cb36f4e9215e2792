#include "smplceres/fit/start/depth_flips.h"

#include <Eigen/Geometry>
#include <cmath>
#include <optional>
#include <variant>

#include "smplceres/body/kinematics.h"
#include "smplceres/body/parts.h"

namespace smplceres {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;

// Sine of a segment's angle to the image plane, below which its flip is too similar: 9 degrees.
constexpr double kFlat = 0.15;
// Sine of a limb's bend, below which its plane is not determined.
constexpr double kStraight = 0.2;

// Joints of SMPL's tree.
constexpr int kPelvis = 0, kLeftHip = 1, kRightHip = 2, kNeck = 12;
constexpr int kCarriedByTrunk[] = {1, 2, 12, 16, 17};  // hips, neck, shoulders

struct Limb {
  const char* upper_name;
  const char* lower_name;
  const char* name;
  int upper, lower, end;  // joints at which the segments begin, and the end of the lower one
};
constexpr Limb kLimbs[] = {{"left upper arm", "left forearm", "left arm", 16, 18, 20},
                           {"right upper arm", "right forearm", "right arm", 17, 19, 21},
                           {"left thigh", "left shin", "left leg", 1, 4, 7},
                           {"right thigh", "right shin", "right leg", 2, 5, 8}};

// A posed body in the image of a camera.
class Posed {
 public:
  Posed(const BodyModel& model, const Camera& camera, const Variables& variables)
      : model_(model), camera_(camera), variables_(variables), kinematics_(variables.Posed(model)) {}

  const Variables& variables() const { return variables_; }
  const Vector3d& position(int joint) const { return kinematics_.position[static_cast<size_t>(joint)]; }
  const Matrix3d& rotation(int joint) const { return kinematics_.rotation[static_cast<size_t>(joint)]; }

  // u at a point (world).
  Vector3d Ray(const Vector3d& x) const {
    const CamFromWorld& cam_from_world = Extrinsics(camera_);
    const Vector3d direction =
        std::holds_alternative<Pinhole>(camera_) ? cam_from_world(x.data()) : Vector3d(0.0, 0.0, 1.0);
    return cam_from_world.rotation.transpose() * direction.normalized();
  }

  bool Flat(int begin, int end) const {
    const Vector3d d = position(end) - position(begin);
    return std::abs(d.dot(Ray(position(end)))) < kFlat * d.norm();
  }

  // d' of the segment between two joints.
  Vector3d Mirrored(int begin, int end) const {
    const Vector3d d = position(end) - position(begin), u = Ray(position(end));
    return d - 2.0 * d.dot(u) * u;
  }

  // The body with given world rotations of some joints, in ascending order; others keep their local
  // rotations.
  Variables Turned(const std::vector<std::pair<int, Matrix3d>>& turned) const {
    Variables variables = variables_;
    std::vector<Matrix3d> world = kinematics_.rotation;
    size_t next = 0;
    for (int joint = 0; joint < model_.num_joints(); ++joint) {
      const size_t k = static_cast<size_t>(joint);
      const bool given = next < turned.size() && turned[next].first == joint;
      if (given) world[k] = turned[next++].second;
      if (joint == kPelvis) {
        if (given) variables.SetRootRotation(world[k]);
        continue;
      }
      const Matrix3d& parent = world[static_cast<size_t>(model_.parents()[k])];
      if (given)
        variables.frame.segment<3>(variables.layout.joint(joint)) = Log(parent.transpose() * world[k]);
      else
        world[k] = parent * kinematics_.local[k];
    }
    return variables;
  }

 private:
  const BodyModel& model_;
  const Camera& camera_;
  const Variables& variables_;
  Kinematics<double> kinematics_;
};

// Right-handed frame with its first column along a and its second as close to b as possible.
Matrix3d Frame(const Vector3d& a, const Vector3d& b) {
  Matrix3d frame;
  frame.col(0) = a.normalized();
  frame.col(1) = (b - b.dot(frame.col(0)) * frame.col(0)).normalized();
  frame.col(2) = frame.col(0).cross(frame.col(1));
  return frame;
}

Matrix3d Shortest(const Vector3d& from, const Vector3d& to) {
  return Eigen::Quaterniond::FromTwoVectors(from, to).toRotationMatrix();
}

bool HasPlane(const Vector3d& normal, const Vector3d& a, const Vector3d& b) {
  return normal.norm() > kStraight * a.norm() * b.norm();
}

Variables FlipLimb(const Posed& body, const Limb& limb, bool upper, bool lower) {
  const Vector3d a = body.position(limb.lower) - body.position(limb.upper);
  const Vector3d b = body.position(limb.end) - body.position(limb.lower);
  const Vector3d a_new = upper ? body.Mirrored(limb.upper, limb.lower) : a;
  const Vector3d b_new = lower ? body.Mirrored(limb.lower, limb.end) : b;
  const Vector3d n = a.cross(b), n_new = a_new.cross(b_new);
  Matrix3d turn, turn_lower;
  if (HasPlane(n, a, b) && HasPlane(n_new, a_new, b_new)) {
    turn = Frame(a_new, n_new) * Frame(a, n).transpose();
    turn_lower = Shortest(turn * b, b_new) * turn;
  } else {
    turn = Shortest(a, a_new);
    turn_lower = Shortest(b, b_new);
  }
  return body.Turned(
      {{limb.upper, turn * body.rotation(limb.upper)}, {limb.lower, turn_lower * body.rotation(limb.lower)}});
}

// Rotates the pelvis; the joints that the trunk carries keep their world rotations.
Variables TurnTrunk(const Posed& body, const Matrix3d& turn) {
  std::vector<std::pair<int, Matrix3d>> turned = {{kPelvis, turn * body.rotation(kPelvis)}};
  for (const int joint : kCarriedByTrunk) turned.emplace_back(joint, body.rotation(joint));
  return body.Turned(turned);
}

Variables FlipLean(const Posed& body) {
  return TurnTrunk(body,
                   Shortest(body.position(kNeck) - body.position(kPelvis), body.Mirrored(kPelvis, kNeck)));
}

// Mirrors spine and hip line, and so the facing: a body that faces left of the camera then faces right.
Variables FlipFacing(const Posed& body) {
  const Vector3d spine = body.position(kNeck) - body.position(kPelvis);
  const Vector3d hips = body.position(kLeftHip) - body.position(kRightHip);
  return TurnTrunk(body,
                   Frame(body.Mirrored(kPelvis, kNeck), body.Mirrored(kRightHip, kLeftHip)) *
                       Frame(spine, hips).transpose());
}

}  // namespace

std::vector<DepthFlip> DepthFlips(const Scene& scene, const Variables& variables) {
  if (!scene.DepthIsAmbiguous()) return {};
  const BodyModel& model = *scene.model;
  const Camera& camera = scene.views[scene.ViewsWithKeypoints()[0]].camera;

  const Posed body(model, camera, variables);
  std::vector<DepthFlip> flips;
  for (const Limb& limb : kLimbs) {
    const bool upper = !body.Flat(limb.upper, limb.lower), lower = !body.Flat(limb.lower, limb.end);
    if (upper) flips.push_back({limb.upper_name, FlipLimb(body, limb, true, false)});
    if (lower) flips.push_back({limb.lower_name, FlipLimb(body, limb, false, true)});
    if (upper && lower) flips.push_back({limb.name, FlipLimb(body, limb, true, true)});
  }
  const bool leans = !body.Flat(kPelvis, kNeck), turned = !body.Flat(kRightHip, kLeftHip);
  if (leans) flips.push_back({"lean", FlipLean(body)});
  if (turned) flips.push_back({"facing", FlipFacing(body)});
  Variables all = leans || turned ? FlipFacing(body) : variables;
  for (const Limb& limb : kLimbs) {
    const Variables before = all;
    all = FlipLimb(Posed(model, camera, before), limb, true, true);
  }
  flips.push_back({"everything", all});
  return flips;
}

}  // namespace smplceres
