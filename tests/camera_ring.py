"""Cameras in a ring about a person."""

from __future__ import annotations

import numpy as np

import reference
from smplceres import Camera

SIZE = {"width": 1000, "height": 1000}


def camera_about(angle: float, *, distance: float = 4.0, **changed) -> Camera:
    """On a circle about somebody who stands at the world's (0, 0, 4), y down, looking there."""
    rotation = reference.rodrigues([0, angle, 0])
    translation = np.array([0, 0, distance]) - rotation @ [0, 0, 4]
    intrinsics = {"fx": 1100, "fy": 1100, "cx": 500, "cy": 500} | SIZE
    return Camera(**(intrinsics | changed), rotation=rotation, translation=translation)


RING = [camera_about(angle) for angle in (0.0, 1.4, 2.9, 4.5)]
