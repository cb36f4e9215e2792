"""Where an exported body is: where the camera saw it, at the origin, or on the ground."""

from __future__ import annotations

import numpy as np

from ..base.rotations import rotation_matrix
from ..body.motion import Motion

_GROUND, _, _CAMERA = PLACES = ("ground", "origin", "camera")

# The ground is below the lowest vertex of this many frames, evenly spaced.
_GROUND_FRAMES = 60


def placed(motion: Motion, place: str) -> Motion:
    """The motion and its cameras after a rigid movement.

    Args:
        motion: any.
        place: "camera": none; "origin": in y-up coordinates, the pelvis of the first frame at the
            origin and the body turned about y to face +z; "ground": the same, with the pelvis above
            the origin and the lowest point of the motion at y = 0.

    Raises:
        ValueError: another place, a motion in unknown coordinates.
    """
    if place not in PLACES:
        raise ValueError(f"place: expected one of {', '.join(PLACES)}, got {place!r}")
    if place == _CAMERA:
        return motion
    motion = motion.to("y-up")
    forward = rotation_matrix(motion.poses[0, 0])[:, 2]
    turn = np.array([0.0, -np.arctan2(forward[0], forward[2]), 0.0])
    turned = motion.moved(turn, np.zeros(3))
    shift = -turned.joints[0, 0]
    if place == _GROUND:
        frames = np.unique(np.linspace(0, len(motion) - 1, _GROUND_FRAMES).astype(int))
        shift[1] = -min(turned.body(int(f)).vertices[:, 1].min() for f in frames)
    return turned.moved(np.zeros(3), shift)
