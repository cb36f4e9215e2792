"""Frames of robots: REP-103 (x forward, y left, z up) on a body of SMPL, and quaternions.

A camera's frame in ROS is its optical one (x right, y down, z forward), as here: points need no
conversion. Bodies do: the frames of SMPL's joints are y up, z forward at rest, those of REP-103
z up, x forward.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..base.rotations import rotation_matrix
from ..base.skeleton import NUM_SHARED_JOINTS, SMPL_JOINTS, SMPL_PARENTS
from ..body.model import BodyModel
from ..body.parameters import Posed

Floats = NDArray[np.float64]

_SHARED = SMPL_JOINTS[:NUM_SHARED_JOINTS]

# SMPL's axes of the body (left, up, forward) from those of REP-103 (forward, left, up).
SMPL_FROM_REP103: Floats = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
SMPL_FROM_REP103.flags.writeable = False


class PosedBody(Posed, Protocol):
    """A result or an update of a tracker."""

    @property
    def joints(self) -> Floats: ...


def _quaternion_products() -> Floats:
    """(10, 16): 1 and the elements of a rotation to 4 q q^T, q = (x, y, z, w)."""
    table = np.zeros((10, 4, 4))
    element = 1 + np.arange(9).reshape(3, 3)
    trace = element.diagonal()
    table[0] = np.eye(4)
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        table[trace, i, i] = [1.0 if axis == i else -1.0 for axis in range(3)]
        for one, other, sign, a, b in ((i, j, 1, (i, j), (j, i)), (i, 3, -1, (k, j), (j, k))):
            for row, column in ((one, other), (other, one)):
                table[element[a], row, column], table[element[b], row, column] = 1.0, sign
    table[trace, 3, 3] = 1.0
    return table.reshape(10, 16)


_PRODUCTS = _quaternion_products()


def quaternions(matrices: Floats) -> Floats:
    """(..., 4) unit quaternions (x, y, z, w), the order of ROS, w >= 0, of rotations (..., 3, 3).

    Source: Shepperd, Quaternion from rotation matrix, 1978: of the rows of q q^T, that of the
    largest element of the diagonal.
    """
    flat = matrices.reshape(-1, 9)
    rows = (_PRODUCTS[0] + flat @ _PRODUCTS[1:]).reshape(-1, 4, 4)
    largest = rows.reshape(-1, 16)[:, ::5].argmax(axis=1)
    row = rows[np.arange(len(rows)), largest]
    length = np.sqrt((row * row).sum(axis=1))
    row /= np.where(row[:, 3] < 0, -length, length)[:, None]
    return np.asarray(row.reshape(*matrices.shape[:-2], 4))


# The joints whose middle is the origin of `body_<id>`.
MID_HIPS = [SMPL_JOINTS.index(f"{side}_hip") for side in ("left", "right")]


@dataclass(frozen=True, eq=False)
class BodyFrames:
    """Where the frames of a posed body are, in the frame of its joints.

    Attributes:
        joints: (J, 3) metres.
        smpl_rotations: (J, 3, 3) of SMPL's joints.
        names: J names of joints.
    """

    joints: Floats
    smpl_rotations: Floats
    names: tuple[str, ...]

    @classmethod
    def of(cls, body: PosedBody, model: BodyModel | None = None) -> BodyFrames:
        """The frames of a result of `model`; None: a body with SMPL's 24 joints.

        Raises:
            ValueError: a body without SMPL's joints.
        """
        if model is None:
            names, parents = SMPL_JOINTS, SMPL_PARENTS
        else:
            names, parents = model.joint_names, tuple(model.parents.tolist())
        if len(body.joints) != len(names) or names[:NUM_SHARED_JOINTS] != _SHARED:
            raise ValueError(
                f"model: expected a body with SMPL's joints, got one of {len(body.joints)}"
            )
        local = rotation_matrix(np.vstack([body.global_orient, body.body_pose]))
        world = local.copy()
        for level, above in _levels(parents):
            world[level] = world[above] @ local[level]
        return cls(np.asarray(body.joints), world, names)

    @cached_property
    def rotations(self) -> Floats:
        """(J, 3, 3) of frames x forward, z up at rest (REP-103)."""
        return np.asarray(self.smpl_rotations @ SMPL_FROM_REP103)

    @cached_property
    def quaternions(self) -> Floats:
        """(J, 4) of `rotations`, (x, y, z, w)."""
        return quaternions(self.rotations)

    def at(self, name: str) -> Floats:
        """(3,) a joint by its name, metres."""
        return np.asarray(self.joints[self.names.index(name)])

    @property
    def mid_hips(self) -> Floats:
        """(3,) the origin of the frame `body_<id>` of REP-155; its axes are the pelvis'."""
        return np.asarray(self.joints[MID_HIPS].sum(axis=0) / 2)


@cache
def _levels(parents: tuple[int, ...]) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Joints by their depth in the tree with their parents, the root left out."""
    depth = [0] * len(parents)
    for joint in range(1, len(parents)):
        depth[joint] = depth[parents[joint]] + 1
    levels = [np.flatnonzero(np.array(depth) == each) for each in range(1, max(depth) + 1)]
    return [(level, np.array(parents)[level]) for level in levels]
