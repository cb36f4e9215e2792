"""Ranges of motion of the joints, for the term that keeps fits within them.

The rotation of a joint is decomposed into a twist about its bone and a swing of that bone away from
its rest direction (cpp/smplceres/terms/joint_limits.h); each of the three angles has a range.

Sources of the numbers, by the letters that the table uses:

A   American Academy of Orthopaedic Surgeons, Joint Motion: Method of Measuring and Recording, 1965.
K   I. A. Kapandji, The Physiology of the Joints, volumes 1 to 3.
I   V. T. Inman, J. B. Saunders and L. C. Abbott, Observations on the Function of the Shoulder
    Joint, J. Bone and Joint Surgery 26, 1944.
D   derived here, as stated beside the number, if there is no published range for a joint of SMPL.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._native import _core
from ..base.skeleton import JOINTS_BY_COUNT, MIRRORED_ROTATION

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class JointLimits:
    """Ranges of the joints of body_pose, or of the first N of them.

    Args:
        axes: (N, 3, 3) rows b, u, v per joint: orthonormal, in the body at rest. b is the bone's
            axis, about which the joint twists; the bone swings about axes perpendicular to it.
        lower: (N, 3) min twist about b and min components along u and v of the rotation vector of
            the swing, radians.
        upper: (N, 3) max values, each > lower.
    """

    axes: Floats
    lower: Floats
    upper: Floats

    @cached_property
    def core(self) -> _core.JointLimits:
        """For the core; ValueError if the arrays are invalid."""
        return _core.JointLimits(self.axes, self.lower, self.upper)

    def angles(self, body_pose: ArrayLike) -> Floats:
        """(N, 3) twist and swing of a pose, radians, as the limits measure them.

        Args:
            body_pose: (N, 3) axis-angles, radians.

        Raises:
            ValueError: another shape, NaN.
        """
        return self.core.angles(body_pose)


class _Motion(NamedTuple):
    """One direction of motion: the published range and an allowance for the joint of SMPL."""

    name: str
    degrees: float
    allowance: float = 0.0


class _Angle(NamedTuple):
    axis: str
    positive: _Motion  # rotation about the axis, right-handed
    negative: _Motion


_M = _Motion

# Twist first, then the two of the swing. Axes of the body at rest, in a T-pose with palms down:
# x left, y up, z front. Left side; the right side mirrors it.
#
# Allowances exist because joints of SMPL differ from anatomical ones. Each is stated with the 0.5th
# or 99.5th percentile of 39,931 frames of motion capture that requires it (mocap.cs.cmu.edu, both
# sides as left), or with its reason.
_RANGES: dict[str, tuple[_Angle, _Angle, _Angle]] = {
    "left_hip": (
        # A. External rotation: 57 recorded, as the pelvis turns with the other leg.
        _Angle("-y", _M("internal rotation", 45), _M("external rotation", 45, 15)),
        # A.
        _Angle("+x", _M("extension", 30), _M("flexion", 120)),
        # A. 73 recorded: a thigh flexed by 90 and abducted by 45 swings by 64 about this axis.
        _Angle("+z", _M("abduction", 45, 30), _M("adduction", 30)),
    ),
    "left_knee": (
        # K, of the flexed knee.
        _Angle("-y", _M("internal rotation", 30), _M("external rotation", 40)),
        # K: 160 passively, as in kneeling; hyperextension 5 to 10, of which the lesser is taken.
        _Angle("+x", _M("flexion", 160), _M("hyperextension", 5)),
        # D: none in anatomy; 7 recorded.
        _Angle("+z", _M("abduction", 0, 8), _M("adduction", 0, 8)),
    ),
    "left_ankle": (
        # A, of the hind part of the foot.
        _Angle("+z", _M("eversion", 15), _M("inversion", 35)),
        # A. Dorsiflexion: 39 recorded; feet under load bend farther than those lifted to measure.
        _Angle("+x", _M("plantarflexion", 50), _M("dorsiflexion", 20, 20)),
        # K: 35 to 45 from end to end. 30 and 29 recorded, the shank's rotation among them.
        _Angle("+y", _M("abduction", 20, 15), _M("adduction", 20, 15)),
    ),
    "left_foot": (
        # D: toes as a whole neither twist nor spread.
        _Angle("+z", _M("eversion", 0, 10), _M("inversion", 0, 10)),
        # A, of the great toe's first joint.
        _Angle("+x", _M("flexion", 45), _M("extension", 70)),
        _Angle("+y", _M("abduction", 0, 10), _M("adduction", 0, 10)),
    ),
    # The trunk. K: lumbar spine 60 forward, 35 back, 20 sideways, 5 about its axis; thoracic 45,
    # 25, 20, 35. D: the first joint has the lumbar range, the other two half the thoracic each.
    "spine1": (
        # 19 recorded: recorded poses rotate the joints above less than real spines do.
        _Angle("+y", _M("rotation left", 5, 20), _M("rotation right", 5, 20)),
        _Angle("+x", _M("flexion", 60), _M("extension", 35)),
        _Angle("+z", _M("bending right", 20), _M("bending left", 20)),
    ),
    "spine2": (
        _Angle("+y", _M("rotation left", 17.5), _M("rotation right", 17.5)),
        _Angle("+x", _M("flexion", 22.5), _M("extension", 12.5)),
        _Angle("+z", _M("bending right", 10), _M("bending left", 10)),
    ),
    "spine3": (
        _Angle("+y", _M("rotation left", 17.5), _M("rotation right", 17.5)),
        # Extension: 13 recorded.
        _Angle("+x", _M("flexion", 22.5), _M("extension", 12.5, 5)),
        # 11 recorded.
        _Angle("+z", _M("bending right", 10, 5), _M("bending left", 10, 5)),
    ),
    # The neck. A: 45 forward, back and sideways, 60 about its axis. D: half for each of two joints;
    # the allowances are for recordings that put nearly all of it into either.
    "neck": (
        # 40 recorded.
        _Angle("+y", _M("rotation left", 30, 15), _M("rotation right", 30, 15)),
        # 24 and 18 recorded.
        _Angle("+x", _M("flexion", 22.5, 10), _M("extension", 22.5, 10)),
        # 18 recorded.
        _Angle("+z", _M("bending right", 22.5), _M("bending left", 22.5)),
    ),
    "head": (
        # 37 recorded.
        _Angle("+y", _M("rotation left", 30, 15), _M("rotation right", 30, 15)),
        # 28 and 58 recorded; the recordings' heads at rest look up.
        _Angle("+x", _M("flexion", 22.5, 10), _M("extension", 22.5, 35)),
        # 27 recorded.
        _Angle("+z", _M("bending right", 22.5, 7.5), _M("bending left", 22.5, 7.5)),
    ),
    # The collar bone with the shoulder blade; no recording moved it. The arms at rest are raised to
    # the side, which takes about half of its elevation (I).
    "left_collar": (
        # I: 40 backward when the arm is raised. Forward: D.
        _Angle("+x", _M("rotation forward", 0, 10), _M("rotation backward", 40)),
        # K.
        _Angle("+y", _M("retraction", 30), _M("protraction", 30)),
        # I for elevation, 30. K for depression, 10, from the height that it has with arms down.
        _Angle("+z", _M("elevation", 30), _M("depression", 10, 15)),
    ),
    "left_shoulder": (
        # A, of the arm raised to the side. Internal: 75 recorded. External: an arm swung forward
        # from the side keeps its elbow's crease inward, so that 90 turn it up and no more.
        _Angle("+x", _M("internal rotation", 70, 10), _M("external rotation", 90, 30)),
        # A: flexion to 135 in the horizontal plane. Extension by 60 of an arm that hangs is a swing
        # by 78 about this axis (and 45 about the next); 56 recorded.
        _Angle("+y", _M("extension", 60, 18), _M("horizontal flexion", 135)),
        # A: abduction to 180, 90 above rest. Below: 90 to the side; K, adduction 30.
        _Angle("+z", _M("abduction above the horizontal", 90), _M("adduction", 120)),
    ),
    "left_elbow": (
        # A, of the forearm, which SMPL's elbow and wrist share; from SMPL's rest, palms down.
        _Angle("+x", _M("pronation", 80), _M("supination", 80)),
        # A. Hyperextension: none in A; K has 5 to 10 in supple people. The recordings' elbows that
        # bend backwards (all of two clips, 13_18 and 14_23) are regarded as errors.
        _Angle("+y", _M("hyperextension", 0, 5), _M("flexion", 150)),
        # D: none in anatomy. 85 recorded: the axis about which recorded elbows bend lies anywhere
        # between -y and +z, as their shoulders do not carry all of the arm's rotation.
        _Angle("+z", _M("abduction", 0, 90), _M("adduction", 0, 10)),
    ),
    "left_wrist": (
        # A, of the forearm. 73 and 56 recorded.
        _Angle("+x", _M("pronation", 80), _M("supination", 80)),
        # A.
        _Angle("+y", _M("ulnar deviation", 30), _M("radial deviation", 20)),
        # A.
        _Angle("+z", _M("extension", 70), _M("flexion", 80)),
    ),
    # The fingers as one, from the knuckles on; no recording moved them.
    "left_hand": (
        # D: knuckles do not twist.
        _Angle("+x", _M("pronation", 0, 10), _M("supination", 0, 10)),
        # K: fingers spread by 20 to 30.
        _Angle("+y", _M("ulnar spread", 20), _M("radial spread", 20)),
        # A.
        _Angle("+z", _M("extension", 45), _M("flexion", 90)),
    ),
}

# D, wide: fingers, jaw and eyes, which body keypoints do not constrain.
_OTHER_JOINT = (
    _Angle("+x", _M("twist", 60), _M("twist", 60)),
    _Angle("+y", _M("swing", 120), _M("swing", 120)),
    _Angle("+z", _M("swing", 120), _M("swing", 120)),
)

_AXES = {
    f"{sign}{letter}": value * unit
    for sign, value in (("+", 1.0), ("-", -1.0))
    for letter, unit in zip("xyz", np.eye(3), strict=True)
}


def smpl_joint_limits(num_joints: int = 24) -> JointLimits:
    """Published ranges of motion of the joints of SMPL, SMPL-H and SMPL-X.

    Args:
        num_joints: 24, 52 or 55. Fingers, jaw and eyes share one wide range.

    Raises:
        ValueError: another number of joints.

    Source: American Academy of Orthopaedic Surgeons 1965; Kapandji; Inman et al. 1944. The table
    in this module states the source of each number and the allowances for the joints of SMPL.
    """
    if num_joints not in JOINTS_BY_COUNT:
        raise ValueError(f"num_joints: expected 24, 52 or 55, got {num_joints}")
    axes, lower, upper = [], [], []
    for name in JOINTS_BY_COUNT[num_joints][1:]:
        angles = _RANGES.get(name.replace("right", "left"), _OTHER_JOINT)
        mirror = MIRRORED_ROTATION if name.startswith("right") else (1, 1, 1)
        axes.append([np.multiply(mirror, _AXES[angle.axis]) for angle in angles])
        upper.append([angle.positive.degrees + angle.positive.allowance for angle in angles])
        lower.append([-angle.negative.degrees - angle.negative.allowance for angle in angles])
    return JointLimits(np.array(axes), np.radians(lower), np.radians(upper))
