"""Skinning weights of the jaw and its pose blend shape, solved from MakeHuman's open mouth; and the
pose blend shapes of the eyes, whose lids follow them.

A vertex v with weight w moves by w (R - I) (v - p) when the jaw turns by R about p. Its weight is
the least-squares fit of that to the displacement d of the unit jawOpen,

    w = d . k / |k|^2,    k = (R - I) (v - p),

and what a turn cannot do is the jaw's pose blend shape.
"""

from __future__ import annotations

import numpy as np

from .mesh import Floats, Integers
from .tpose import LEFT, axis_angle

# The turn about the axis to the left that meets jawOpen best.
OPEN = np.radians(16.2)
# How far MakeHuman's eyes look down and up in their units.
LOOK = np.radians(25.0)
# Smaller displacements of jawOpen (m) are none.
STILL = 1e-4


def jaw_weights(vertices: Floats, opened: Floats, pivot: Floats) -> Floats:
    """(V,) in [0, 1]; `opened` (V, 3) is the displacement of jawOpen."""
    turned = (vertices - pivot) @ (axis_angle(OPEN * LEFT) - np.eye(3)).T
    length = np.maximum((turned**2).sum(axis=1), 1e-12)
    weights = np.clip((opened * turned).sum(axis=1) / length, 0, 1)
    return np.where(np.linalg.norm(opened, axis=1) < STILL, 0.0, weights)


def jaw_blend_shape(vertices: Floats, opened: Floats, pivot: Floats, weights: Floats) -> Floats:
    """(V, 3, 9) per element of R - I, row-major: proportional to the sine of the turn about x."""
    blended = np.eye(3) + weights[:, None, None] * (axis_angle(OPEN * LEFT) - np.eye(3))
    turned = weights[:, None] * ((vertices - pivot) @ (axis_angle(OPEN * LEFT) - np.eye(3)).T)
    return _with_sine(np.linalg.solve(blended, (opened - turned)[..., None])[..., 0], OPEN)


def lid_blend_shape(down: Floats, up: Floats, ball: Integers) -> Floats:
    """(V, 3, 9): what the units eyeLookDown and eyeLookUp (V, 3) do around an eyeball (V,)."""
    return _with_sine(np.where(ball[:, None], 0.0, (down - up) / 2), LOOK)


def _with_sine(displacement: Floats, angle: float) -> Floats:
    """(V, 3, 9) per element of R - I: `displacement` at `angle` about x, growing with the sine."""
    directions = np.zeros((len(displacement), 3, 9))
    # R - I has -sin in row 1, column 2, and sin in row 2, column 1.
    directions[:, :, 5] = -displacement / (2 * np.sin(angle))
    directions[:, :, 7] = displacement / (2 * np.sin(angle))
    return directions
