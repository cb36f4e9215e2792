"""Ranges of motion of the joints, for the term that keeps fits within them.

The rotation of a joint is decomposed into a twist about its bone and a swing of that bone away
from its rest direction (cpp/smplceres/terms/priors/joint_limits.h); each of the three angles has a
range.

The numbers and their sources are in cpp/smplceres/io/joint_ranges.cc.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._native import _core
from ..base.pickled_fields import PickledFields
from ..base.skeleton import JOINTS_BY_COUNT

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class JointLimits(PickledFields):
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

    def __repr__(self) -> str:
        return f"JointLimits({len(self.axes)} joints)"

    @cached_property
    def core(self) -> _core.JointLimits:
        """For the core; ValueError if the arrays are invalid."""
        return _core.JointLimits(self.axes, self.lower, self.upper)

    def first(self, count: int) -> JointLimits:
        """The limits of the first joints of body_pose."""
        if count >= len(self.axes):
            return self
        return JointLimits(self.axes[:count], self.lower[:count], self.upper[:count])

    def angles(self, body_pose: ArrayLike) -> Floats:
        """(N, 3) twist and swing of a pose, radians, as the limits measure them.

        Args:
            body_pose: (N, 3) axis-angles, radians.

        Raises:
            ValueError: another shape, NaN.
        """
        return self.core.angles(body_pose)


def smpl_joint_limits(num_joints: int = 24) -> JointLimits:
    """Published ranges of motion of the joints of SMPL, SMPL-H and SMPL-X.

    Args:
        num_joints: 24, 52 or 55. Fingers, jaw and eyes share one wide range.

    Raises:
        ValueError: another number of joints.

    Source: American Academy of Orthopaedic Surgeons 1965; Kapandji; Inman et al. 1944. The table in
    cpp/smplceres/io/joint_ranges.cc states the source of each number and the allowances for the
    joints of SMPL.
    """
    if num_joints not in JOINTS_BY_COUNT:
        raise ValueError(f"num_joints: expected 24, 52 or 55, got {num_joints}")
    ranges = [_core.published_range(name) for name in JOINTS_BY_COUNT[num_joints][1:]]
    axes, lower, upper = (np.array(each) for each in zip(*ranges, strict=True))
    return JointLimits(axes, lower, upper)
