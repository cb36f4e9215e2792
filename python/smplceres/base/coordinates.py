"""Coordinate frames by name, and conversions of points and rotations between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .rotations import rotation_matrix

Floats = NDArray[np.float64]

# The axis-angle, radians, of the rotation that takes coordinates from the camera's frame. All
# frames are right-handed and have one origin; "right", "down" and "forward" are the camera's.
FROM_OPENCV: dict[str, tuple[float, float, float]] = {
    # x right, y down, z forward: OpenCV, COLMAP; visible points have z > 0.
    "opencv": (0.0, 0.0, 0.0),
    # x right, y up, z backward: glTF, OpenGL, three.js, SMPL's body at rest.
    "y-up": (np.pi, 0.0, 0.0),
    # x forward, y left, z up: ROS (REP-103).
    "z-up": (-2 * np.pi / 3**1.5, 2 * np.pi / 3**1.5, -2 * np.pi / 3**1.5),
}
_ALIASES = {"ros": "z-up", "gltf": "y-up"}
COORDINATES: tuple[str, ...] = (*FROM_OPENCV, *_ALIASES)

# The upward direction of each frame.
UP: dict[str, tuple[float, float, float]] = {
    "opencv": (0.0, -1.0, 0.0),
    "y-up": (0.0, 1.0, 0.0),
    "z-up": (0.0, 0.0, 1.0),
}


def checked_name(coordinates: str, argument: str) -> str:
    """The name without aliases: "opencv", "y-up" or "z-up"; ValueError for an unknown name."""
    name = _ALIASES.get(coordinates, coordinates) if isinstance(coordinates, str) else None
    if name not in FROM_OPENCV:
        raise ValueError(
            f"{argument}: expected one of {', '.join(COORDINATES)}; got {coordinates!r}"
        )
    return name


def conversion(source: str, target: str) -> Floats:
    """(3, 3) target_from_source: x_target = conversion @ x_source.

    Args:
        source, target: of COORDINATES: "opencv" (x right, y down, z forward), "y-up" or "gltf" (x
            right, y up, z backward), "z-up" or "ros" (REP-103: x forward, y left, z up).

    Raises:
        ValueError: an unknown frame.
    """
    source, target = checked_name(source, "source"), checked_name(target, "target")
    # The matrix maps axes to axes: rounding makes it exact.
    from_camera = {name: np.round(rotation_matrix(FROM_OPENCV[name])) for name in FROM_OPENCV}
    return np.asarray(from_camera[target] @ from_camera[source].T)


def convert_points(points: ArrayLike, source: str, target: str) -> Floats:
    """(..., 3) points or directions in the target frame, in their original unit.

    Raises:
        ValueError: an unknown frame, a wrong shape.
    """
    return array_ending_in("points", points, (3,)) @ conversion(source, target).T


def convert_rotations(rotations: ArrayLike, source: str, target: str) -> Floats:
    """(..., 3, 3) target_from_body of rotations source_from_body, which are orientations.

    A camera's cam_from_world is the transpose of such a rotation.

    Raises:
        ValueError: an unknown frame, a wrong shape.
    """
    return np.asarray(conversion(source, target) @ array_ending_in("rotations", rotations, (3, 3)))


def array_ending_in(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.shape[-len(shape) :] != shape:
        expected = ", ".join(("...", *map(str, shape)))
        raise ValueError(f"{name}: expected shape ({expected}), got {array.shape}")
    return array
