"""Biovision .bvh: the skeleton and its motion, without a mesh.

A joint's channels are the angles of

    R = R_z(a) R_x(b) R_y(c),    R its local rotation,

and the root's position is the pelvis' place; all offsets are those of the shape at rest, metres.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..base.rotations import rotation_matrix
from ..body.motion import Motion

Floats = NDArray[np.float64]

_ROTATIONS = "Zrotation Xrotation Yrotation"
# Below this cos(b), a and c rotate about the same axis, and c is set to 0.
_LOCKED = 1e-9


def write(motion: Motion, bones: Mapping[str, str] | None = None) -> bytes:
    """A file's content; joints have the names `bones` of `bones.BONES`, by default their own.

    Raises:
        ValueError: frames that are not evenly spaced.
    """
    order: list[int] = []
    text = io.StringIO()
    text.write("HIERARCHY\n")
    root = motion.model.parents.tolist().index(-1)
    text.write("\n".join(_hierarchy(motion, bones or {}, root, 0, order)) + "\n")
    text.write(f"MOTION\nFrames: {len(motion)}\nFrame Time: {1 / motion.fps:.8f}\n")
    angles = np.degrees(zxy_angles(rotation_matrix(motion.poses)))
    # Angles are unwrapped, as programs interpolate them.
    angles = np.unwrap(angles, axis=0, period=360)[:, order]
    rows = np.column_stack([motion.joints[:, root], angles.reshape(len(motion), -1)])
    np.savetxt(text, rows, fmt="%.6f")
    return text.getvalue().encode()


def _hierarchy(
    motion: Motion, bones: Mapping[str, str], joint: int, depth: int, order: list[int]
) -> list[str]:
    """A joint's lines and those below it; `order` gets the joints in the order of channels."""
    order.append(joint)
    parents, rest = motion.model.parents, motion.rest_joints
    outer, inner = "  " * depth, "  " * (depth + 1)
    offset = rest[joint] - rest[parents[joint]] if depth else np.zeros(3)
    name = motion.model.joint_names[joint]
    lines = [
        f"{outer}{'JOINT' if depth else 'ROOT'} {bones.get(name, name)}",
        f"{outer}{{",
        f"{inner}OFFSET {_numbers(offset)}",
        f"{inner}CHANNELS "
        + (f"3 {_ROTATIONS}" if depth else f"6 Xposition Yposition Zposition {_ROTATIONS}"),
    ]
    children = np.flatnonzero(parents == joint).tolist()
    for child in children:
        lines += _hierarchy(motion, bones, child, depth + 1, order)
    if not children:  # the format requires an end site
        lines += [f"{inner}End Site", f"{inner}{{"]
        lines += [f"{inner}  OFFSET {_numbers(offset / 2)}", f"{inner}}}"]
    return [*lines, f"{outer}}}"]


def _numbers(vector: Floats) -> str:
    return " ".join(f"{number:.6f}" for number in vector)


def zxy_angles(rotations: Floats) -> Floats:
    """(..., 3) the angles a, b, c, radians, of R = R_z(a) R_x(b) R_y(c), of matrices (..., 3, 3).

    R e_y = (-sin a cos b, cos a cos b, sin b), and R's last row is (-cos b sin c, sin b, cos b
    cos c).
    """
    R = rotations
    b = np.arcsin(np.clip(R[..., 2, 1], -1.0, 1.0))
    locked = np.hypot(R[..., 0, 1], R[..., 1, 1]) < _LOCKED
    a = np.where(
        locked,
        np.arctan2(R[..., 1, 0], R[..., 0, 0]),
        np.arctan2(-R[..., 0, 1], R[..., 1, 1]),
    )
    c = np.where(locked, 0.0, np.arctan2(-R[..., 2, 0], R[..., 2, 2]))
    return np.stack([a, b, c], axis=-1)
