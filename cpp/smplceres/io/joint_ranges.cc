#include "smplceres/io/joint_ranges.h"

#include <cstddef>

#include "smplceres/math/pi.h"

namespace smplceres {
namespace {

// The range in one direction: the published value and the allowance that SMPL's joint needs, degrees.
struct Motion {
  const char* name;
  double degrees;
  double allowance = 0.0;
};

struct Angle {
  const char* axis;
  Motion positive;  // right-handed rotation about the axis
  Motion negative;
};

struct JointMotion {
  const char* joint;
  Angle twist, swing_u, swing_v;
};

// Twist first, then the two of the swing. Axes of the body at rest, in a T-pose with palms down: x left, y
// up, z front. Left side; the right side mirrors it.
//
// Allowances exist because joints of SMPL differ from anatomical ones. Each is stated with the 0.5th
// or 99.5th percentile of 39,931 frames of motion capture that requires it (mocap.cs.cmu.edu, both sides as
// left), or with its reason.
constexpr JointMotion kMotions[] = {
    {
        "left_hip",
        // A. External rotation: 57 recorded, as the pelvis turns with the other leg.
        {"-y", {"internal rotation", 45}, {"external rotation", 45, 15}},
        // A.
        {"+x", {"extension", 30}, {"flexion", 120}},
        // A. 73 recorded: a thigh flexed by 90 and abducted by 45 swings by 64 about this axis.
        {"+z", {"abduction", 45, 30}, {"adduction", 30}},
    },
    {
        "left_knee",
        // K, of the flexed knee.
        {"-y", {"internal rotation", 30}, {"external rotation", 40}},
        // K: 160 passively, as in kneeling; hyperextension 5 to 10, of which the lesser is taken.
        {"+x", {"flexion", 160}, {"hyperextension", 5}},
        // D: none in anatomy; 7 recorded.
        {"+z", {"abduction", 0, 8}, {"adduction", 0, 8}},
    },
    {
        "left_ankle",
        // A, of the hind part of the foot.
        {"+z", {"eversion", 15}, {"inversion", 35}},
        // A. Dorsiflexion: 39 recorded; feet under load bend farther than those lifted to measure.
        {"+x", {"plantarflexion", 50}, {"dorsiflexion", 20, 20}},
        // K: 35 to 45 from end to end. 30 and 29 recorded, the shank's rotation among them.
        {"+y", {"abduction", 20, 15}, {"adduction", 20, 15}},
    },
    {
        "left_foot",
        // D: toes as a whole neither twist nor spread.
        {"+z", {"eversion", 0, 10}, {"inversion", 0, 10}},
        // A, of the great toe's first joint.
        {"+x", {"flexion", 45}, {"extension", 70}},
        {"+y", {"abduction", 0, 10}, {"adduction", 0, 10}},
    },
    // The trunk. K: lumbar spine 60 forward, 35 back, 20 sideways, 5 about its axis; thoracic 45,
    // 25, 20, 35. D: the first joint has the lumbar range, the other two half the thoracic each.
    {
        "spine1",
        // 19 recorded: recorded poses rotate the joints above less than real spines do.
        {"+y", {"rotation left", 5, 20}, {"rotation right", 5, 20}},
        {"+x", {"flexion", 60}, {"extension", 35}},
        {"+z", {"bending right", 20}, {"bending left", 20}},
    },
    {
        "spine2",
        {"+y", {"rotation left", 17.5}, {"rotation right", 17.5}},
        {"+x", {"flexion", 22.5}, {"extension", 12.5}},
        {"+z", {"bending right", 10}, {"bending left", 10}},
    },
    {
        "spine3",
        {"+y", {"rotation left", 17.5}, {"rotation right", 17.5}},
        // Extension: 13 recorded.
        {"+x", {"flexion", 22.5}, {"extension", 12.5, 5}},
        // 11 recorded.
        {"+z", {"bending right", 10, 5}, {"bending left", 10, 5}},
    },
    // The neck. A: 45 forward, back and sideways, 60 about its axis. D: half for each of two joints;
    // the allowances are for recordings that put nearly all of it into either.
    {
        "neck",
        // 40 recorded.
        {"+y", {"rotation left", 30, 15}, {"rotation right", 30, 15}},
        // 24 and 18 recorded.
        {"+x", {"flexion", 22.5, 10}, {"extension", 22.5, 10}},
        // 18 recorded.
        {"+z", {"bending right", 22.5}, {"bending left", 22.5}},
    },
    {
        "head",
        // 37 recorded.
        {"+y", {"rotation left", 30, 15}, {"rotation right", 30, 15}},
        // 28 and 58 recorded; in the recordings, heads at rest are tilted up.
        {"+x", {"flexion", 22.5, 10}, {"extension", 22.5, 35}},
        // 27 recorded.
        {"+z", {"bending right", 22.5, 7.5}, {"bending left", 22.5, 7.5}},
    },
    // The collar bone with the shoulder blade; no recording moved it. The arms at rest are raised to
    // the side, which takes about half of its elevation (I).
    {
        "left_collar",
        // I: 40 backward when the arm is raised. Forward: D.
        {"+x", {"rotation forward", 0, 10}, {"rotation backward", 40}},
        // K.
        {"+y", {"retraction", 30}, {"protraction", 30}},
        // I for elevation, 30. K for depression, 10, from the height that it has with arms down.
        {"+z", {"elevation", 30}, {"depression", 10, 15}},
    },
    {
        "left_shoulder",
        // A, of the arm raised to the side. Internal: 75 recorded. External: an arm swung forward
        // from the side keeps its elbow's crease inward, so that 90 turn it up and no more.
        {"+x", {"internal rotation", 70, 10}, {"external rotation", 90, 30}},
        // A: flexion to 135 in the horizontal plane. Extension by 60 of an arm that hangs is a swing
        // by 78 about this axis (and 45 about the next); 56 recorded.
        {"+y", {"extension", 60, 18}, {"horizontal flexion", 135}},
        // A: abduction to 180, 90 above rest. Below: 90 to the side; K, adduction 30.
        {"+z", {"abduction above the horizontal", 90}, {"adduction", 120}},
    },
    {
        "left_elbow",
        // A, of the forearm, which SMPL's elbow and wrist share; from SMPL's rest, palms down.
        {"+x", {"pronation", 80}, {"supination", 80}},
        // A. Hyperextension: none in A; K has 5 to 10 in supple people. The recordings' elbows that
        // bend backwards (all of two clips, 13_18 and 14_23) are regarded as errors.
        {"+y", {"hyperextension", 0, 5}, {"flexion", 150}},
        // D: none in anatomy. 85 recorded: the axis about which recorded elbows bend lies anywhere
        // between -y and +z, as their shoulders do not carry all of the arm's rotation.
        {"+z", {"abduction", 0, 90}, {"adduction", 0, 10}},
    },
    {
        "left_wrist",
        // A, of the forearm. 73 and 56 recorded.
        {"+x", {"pronation", 80}, {"supination", 80}},
        // A.
        {"+y", {"ulnar deviation", 30}, {"radial deviation", 20}},
        // A.
        {"+z", {"extension", 70}, {"flexion", 80}},
    },
    // The fingers as one, from the knuckles on; no recording moved them.
    {
        "left_hand",
        // D: knuckles do not twist.
        {"+x", {"pronation", 0, 10}, {"supination", 0, 10}},
        // K: fingers spread by 20 to 30.
        {"+y", {"ulnar spread", 20}, {"radial spread", 20}},
        // A.
        {"+z", {"extension", 45}, {"flexion", 90}},
    },
};

// D, wide: fingers, jaw and eyes, which body keypoints do not constrain.
constexpr JointMotion kOtherJoint = {"",
                                     {"+x", {"twist", 60}, {"twist", 60}},
                                     {"+y", {"swing", 120}, {"swing", 120}},
                                     {"+z", {"swing", 120}, {"swing", 120}}};

const JointMotion& MotionOf(const std::string& left_or_middle) {
  for (const JointMotion& motion : kMotions)
    if (left_or_middle == motion.joint) return motion;
  return kOtherJoint;
}

}  // namespace

MotionRange PublishedRange(const std::string& joint) {
  constexpr double kRadians = kPi / 180.0;
  const bool right = joint.compare(0, 5, "right") == 0;
  const JointMotion& motion = MotionOf(right ? "left" + joint.substr(5) : joint);
  // Reflection in the plane x = 0, which exchanges left and right, negates y and z of a rotation vector.
  const Eigen::RowVector3d mirror(1.0, right ? -1.0 : 1.0, right ? -1.0 : 1.0);
  MotionRange range;
  const Angle* angles[] = {&motion.twist, &motion.swing_u, &motion.swing_v};
  for (Eigen::Index i = 0; i < 3; ++i) {
    const Angle& angle = *angles[i];
    const Eigen::RowVector3d unit = Eigen::RowVector3d::Unit(angle.axis[1] - 'x');
    range.axes.row(i) = mirror.cwiseProduct((angle.axis[0] == '-' ? -1.0 : 1.0) * unit);
    range.upper[i] = (angle.positive.degrees + angle.positive.allowance) * kRadians;
    range.lower[i] = (-angle.negative.degrees - angle.negative.allowance) * kRadians;
  }
  return range;
}

}  // namespace smplceres
