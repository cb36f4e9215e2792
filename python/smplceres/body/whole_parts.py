"""Hands, jaw, eyes and expression of a body with fingers, under the names of SMPL-X."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.skeleton import NUM_SHARED_JOINTS, SMPLH_JOINTS, SMPLX_JOINTS

Floats = NDArray[np.float64]

# The name of the slice of expression coefficients.
EXPRESSION = "expression"

# First joint and number of joints of each part, by the number of joints of the body.
_SMPLH, _SMPLX = len(SMPLH_JOINTS), len(SMPLX_JOINTS)
_PARTS: dict[int, dict[str, tuple[int, int]]] = {
    _SMPLH: {"left_hand_pose": (22, 15), "right_hand_pose": (37, 15)},
    _SMPLX: {
        "jaw_pose": (22, 1),
        "leye_pose": (23, 1),
        "reye_pose": (24, 1),
        "left_hand_pose": (25, 15),
        "right_hand_pose": (40, 15),
    },
}
PART_NAMES = tuple(_PARTS[_SMPLX])
# The joints of SMPL-X's body_pose, which leaves out hands, jaw and eyes.
_NUM_BODY = NUM_SHARED_JOINTS - 1


def joints_of_part(name: str, num_joints: int) -> slice:
    """Rows of body_pose (J-1, 3) of a part.

    Raises:
        ValueError: the body has no such part.
    """
    parts = _PARTS.get(num_joints, {})
    if name not in parts:
        has = ", ".join(parts) if parts else "none"
        raise ValueError(
            f"{name}: expected a body with this part, got one of {num_joints} joints, which has"
            f" {has}"
        )
    first, count = parts[name]
    return slice(first - 1, first - 1 + count)


def part_of(name: str, body_pose: Floats) -> Floats:
    """(15, 3) axis-angles of a hand, (3,) of the jaw or an eye, radians, of (J-1, 3)."""
    rows = body_pose[joints_of_part(name, len(body_pose) + 1)]
    return rows[0] if len(rows) == 1 else rows


def with_parts(
    body_pose: ArrayLike | None, parts: Mapping[str, ArrayLike | None], num_joints: int
) -> ArrayLike | None:
    """(..., J-1, 3) body_pose with the poses of these parts in their places.

    Args:
        body_pose: (..., J-1, 3), or (..., 21, 3) as SMPL-X has it; flat arrays too; None: zeros.
        parts: name to (..., 15, 3) or (..., 45) of a hand, (..., 3) of the jaw or an eye; None: the
            part of body_pose.
        num_joints: J.

    Raises:
        ValueError: a body without this part, a wrong shape, leading dimensions that do not
            broadcast.
    """
    given = {name: value for name, value in parts.items() if value is not None}
    short = body_pose is not None and num_joints in _PARTS and _is_short(np.shape(body_pose))
    if not given and not short:
        return body_pose
    arrays: dict[str, NDArray[Any]] = {}
    for name, value in given.items():
        rows = joints_of_part(name, num_joints)
        arrays[name] = _rows(name, value, rows.stop - rows.start)
    body = np.zeros((num_joints - 1, 3))
    if body_pose is not None:
        body = _rows("body_pose", body_pose, _NUM_BODY if short else num_joints - 1)
    try:
        leading = np.broadcast_shapes(body.shape[:-2], *(a.shape[:-2] for a in arrays.values()))
    except ValueError:
        raise ValueError(
            f"body_pose, {', '.join(arrays)}: expected leading dimensions that broadcast, got "
            f"{[a.shape[:-2] for a in (body, *arrays.values())]}"
        ) from None
    full = np.zeros((*leading, num_joints - 1, 3))
    full[..., : body.shape[-2], :] = body
    for name, array in arrays.items():
        full[..., joints_of_part(name, num_joints), :] = array
    return full


def _is_short(shape: tuple[int, ...]) -> bool:
    return shape[-2:] == (_NUM_BODY, 3) or shape[-1:] == (3 * _NUM_BODY,)


def _rows(name: str, value: ArrayLike, count: int) -> Floats:
    """(..., count, 3)."""
    array = np.asarray(value, dtype=np.float64)
    if array.shape[-2:] == (count, 3):
        return array
    if array.shape[-1:] == (3 * count,):
        return array.reshape(*array.shape[:-1], count, 3)
    expected = f"(..., {count}, 3)" if count > 1 else "(..., 3)"
    raise ValueError(f"{name}: expected shape {expected}, got {array.shape}")
