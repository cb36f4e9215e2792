"""Rotations as axis-angle vectors, radians."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def quaternion(rotations: ArrayLike) -> Floats:
    """(..., 4) unit quaternions (w, x, y, z) of axis-angle vectors (..., 3)."""
    vectors = np.asarray(rotations, dtype=np.float64)
    half = np.linalg.norm(vectors, axis=-1, keepdims=True) / 2
    # sin(t / 2) / t, by sinc, which is smooth at 0.
    return np.concatenate([np.cos(half), 0.5 * np.sinc(half / np.pi) * vectors], axis=-1)


def quaternion_of_matrix(matrices: Floats) -> Floats:
    """(..., 4) w, x, y, z: the eigenvector of the largest eigenvalue (Bar-Itzhack, 2000), which
    is that of the nearest rotation of a matrix with noise."""
    m = matrices
    k = np.zeros((*m.shape[:-2], 4, 4))
    k[..., 0, 0] = np.trace(m, axis1=-2, axis2=-1)
    antisymmetric = m - np.swapaxes(m, -1, -2)
    vector = np.stack(
        [antisymmetric[..., 2, 1], antisymmetric[..., 0, 2], antisymmetric[..., 1, 0]], axis=-1
    )
    k[..., 0, 1:] = k[..., 1:, 0] = vector
    k[..., 1:, 1:] = m + np.swapaxes(m, -1, -2) - k[..., 0, 0, None, None] * np.eye(3)
    return np.asarray(np.linalg.eigh(k)[1][..., -1])


def axis_angle(quaternions: Floats) -> Floats:
    """(..., 3) of length <= pi, of quaternions (..., 4), (w, x, y, z), of any length."""
    w, vectors = quaternions[..., :1], quaternions[..., 1:]
    vectors, w = np.where(w < 0, -vectors, vectors), np.abs(w)
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    small = length < 1e-12
    per_length = 2 * np.arctan2(length, w) / np.where(small, 1.0, length)
    return np.asarray(np.where(small, 2 / np.maximum(w, 1e-12), per_length) * vectors)


def rotation_matrix(rotations: ArrayLike) -> Floats:
    """(..., 3, 3) of axis-angle vectors (..., 3)."""
    q = quaternion(rotations)
    w, v = q[..., :1, None], q[..., 1:]
    cross = np.cross(np.eye(3), v[..., None, :])  # [v]x: its rows are e_i x v
    outer = v[..., :, None] * v[..., None, :]
    return np.asarray((2 * w**2 - 1) * np.eye(3) + 2 * w * cross + 2 * outer)


def compose(first: ArrayLike, second: ArrayLike) -> Floats:
    """(..., 3) of length <= pi, of the rotation by `second` followed by `first`."""
    a, b = quaternion(first), quaternion(second)
    w, v = a[..., :1], a[..., 1:]
    real = w * b[..., :1] - (v * b[..., 1:]).sum(axis=-1, keepdims=True)
    imaginary = w * b[..., 1:] + b[..., :1] * v + np.cross(v, b[..., 1:])
    return axis_angle(np.concatenate([real, imaginary], axis=-1))
