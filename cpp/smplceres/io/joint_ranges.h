// Published ranges of motion of SMPL's joints.
//
// The rotation of a joint is decomposed into a twist about its bone and a swing of that bone away from its
// rest direction (terms/priors/joint_limits.h); each of the three angles has a range.
//
// Sources of the numbers, by the letters that the table in joint_ranges.cc uses:
//
//   A   American Academy of Orthopaedic Surgeons, Joint Motion: Method of Measuring and Recording, 1965.
//   K   I. A. Kapandji, The Physiology of the Joints, volumes 1 to 3.
//   I   V. T. Inman, J. B. Saunders and L. C. Abbott, Observations on the Function of the Shoulder Joint,
//       J. Bone and Joint Surgery 26, 1944.
//   D   derived here, as stated beside the number, if there is no published range for a joint of SMPL.
#pragma once

#include <Eigen/Core>
#include <string>

namespace smplceres {

// Ranges of the twist about axis b and the swing about axes u and v, which are the rows of
// `axes` in the body at rest.
struct MotionRange {
  Eigen::Matrix3d axes;
  Eigen::Vector3d lower, upper;  // radians
};

// The ranges of a joint, by its name in SMPL, SMPL-H or SMPL-X. Fingers, jaw and eyes share one wide range.
MotionRange PublishedRange(const std::string& joint);

}  // namespace smplceres
