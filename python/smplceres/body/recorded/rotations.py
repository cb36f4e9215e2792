"""Rotations of joints in any of the shapes in which programs write them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...base.rotations import axis_angle, quaternion_of_matrix

Floats = NDArray[np.float64]


def axis_angles_of(name: str, value: object, num_joints: int | None = None) -> Floats:
    """(F, J, 3) axis-angles, radians, of axis-angles or rotation matrices.

    Args:
        name: of the value, for errors.
        value: an array (F, 3 J), (F, J, 3), (F, J, 3, 3), or of one frame without F.
        num_joints: J; None: unknown, more than one and not three.

    Raises:
        ValueError: another shape, or numbers that are not finite.
    """
    array = numbers_of(name, value)
    if array.ndim >= 3 and array.shape[-2:] == (3, 3):
        array = axis_angle(quaternion_of_matrix(array))
        if array.ndim == 2 and num_joints == 1:
            return array[:, None]
    elif array.ndim <= 2 and array.shape[-1] % 3 == 0 and (array.shape[-1] > 3 or num_joints == 1):
        array = array.reshape(-1, array.shape[-1] // 3, 3)
    array = array[None] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[-1] != 3 or num_joints not in (None, array.shape[1]):
        raise ValueError(
            f"{name}: expected axis-angles or matrices of the joints of each frame, got "
            f"{list(numbers_of(name, value).shape)}"
        )
    return array


def numbers_of(name: str, value: object) -> Floats:
    """A finite array of at least one axis."""
    try:
        array = np.atleast_1d(np.array(value, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: expected an array of numbers, got another ({error})") from error
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: expected finite numbers, got NaN or infinity")
    return array
