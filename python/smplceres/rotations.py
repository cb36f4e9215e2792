"""Rotations as axis-angle vectors, radians."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def nearest_axis_angles(rotations: Floats) -> Floats:
    """(F, N, 3) the same rotations, each as the vector nearest to that of the frame before.

    A rotation of axis a by an angle t is that by t + 2 pi k as well: a path through pi need not
    jump to the other end.
    """
    nearest = rotations.copy()
    for frame in range(1, len(nearest)):
        before, now = nearest[frame - 1], nearest[frame]
        angle = np.linalg.norm(now, axis=-1, keepdims=True)
        axis = np.where(angle > 1e-9, now, before)  # of no turn any axis
        axis = axis / np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-12)
        along = (axis * before).sum(axis=-1, keepdims=True)
        nearest[frame] = now + 2 * np.pi * np.round((along - angle) / (2 * np.pi)) * axis
    return nearest


def between_rotations(first: ArrayLike, second: ArrayLike, share: float) -> Floats:
    """(3,) on the shortest way from one rotation (3,) to another: 0 the first, 1 the second."""
    a, b = quaternion(first), quaternion(second)
    if a @ b < 0:
        b = -b
    angle = np.arccos(np.clip(a @ b, -1.0, 1.0))
    if angle < 1e-8:
        mixed = (1 - share) * a + share * b
    else:
        mixed = (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)
    return axis_angle(mixed)


def quaternion(rotation: ArrayLike) -> Floats:
    """(4,) unit quaternion (w, x, y, z) of an axis-angle vector (3,)."""
    vector = np.asarray(rotation, dtype=np.float64)
    half = np.linalg.norm(vector) / 2
    # sin(t / 2) / t, by sinc, which is smooth at 0.
    return np.concatenate([[np.cos(half)], 0.5 * np.sinc(half / np.pi) * vector])


def axis_angle(quaternion: Floats) -> Floats:
    """(3,) of length <= pi, of a quaternion (w, x, y, z) of any length."""
    w, vector = quaternion[0], quaternion[1:]
    if w < 0:
        w, vector = -w, -vector
    length = np.linalg.norm(vector)
    if length < 1e-12:
        return np.asarray(2 * vector / max(w, 1e-12))
    return np.asarray(2 * np.arctan2(length, w) * vector / length)
