"""Meshes of confidence ellipsoids."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# The 90 % quantile of chi-square with 3 degrees of freedom.
CHI_SQUARE_90 = 6.251


def ellipsoids(
    centres: Floats, covariances: Floats, chi_square: float = CHI_SQUARE_90
) -> tuple[Floats, NDArray[np.int32]]:
    """A mesh of one ellipsoid per point: (x - c)^T S^-1 (x - c) = chi_square.

    Args:
        centres: (N, 3) metres.
        covariances: (N, 3, 3) metres^2; infinite ones are skipped.
        chi_square: 6.251 encloses 90 % of a Gaussian.
    """
    unit, triangles = _sphere()
    vertices, faces = [np.zeros((0, 3))], [np.zeros((0, 3), dtype=np.int32)]
    count = 0
    for centre, covariance in zip(centres, covariances, strict=True):
        if not np.isfinite(covariance).all():
            continue
        values, axes = np.linalg.eigh(covariance)
        radii = np.sqrt(chi_square * np.maximum(values, 0.0))
        vertices.append(centre + (unit * radii) @ axes.T)
        faces.append(triangles + count)
        count += len(unit)
    return np.concatenate(vertices), np.concatenate(faces).astype(np.int32)


def _sphere(rings: int = 10, sides: int = 16) -> tuple[Floats, NDArray[np.int32]]:
    """(V, 3) points of a unit sphere and (F, 3) triangles, counter-clockwise from outside."""
    down = np.linspace(0, math.pi, rings + 1)[:, None]
    around = np.linspace(0, 2 * math.pi, sides, endpoint=False)[None]
    points = np.stack(
        [np.sin(down) * np.cos(around), np.sin(down) * np.sin(around), np.cos(down) + 0 * around],
        axis=-1,
    ).reshape(-1, 3)
    i, j = np.mgrid[:rings, :sides]
    a, b = i * sides + j, i * sides + (j + 1) % sides
    quads = np.stack([a, a + sides, b, b, a + sides, b + sides], axis=-1)
    return points, quads.reshape(-1, 3).astype(np.int32)
