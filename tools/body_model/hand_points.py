"""The tips of the fingers, as means of vertices of the mean body in the T-pose."""

from __future__ import annotations

import numpy as np

from smplceres.base.skeleton import SMPLX_JOINTS

from .landmarks import NUM_VERTICES, Landmarks
from .mesh import Floats
from .whole_joints import FINGERS


def finger_tips(vertices: Floats, joints: Floats, weights: Floats) -> Landmarks:
    """left_thumb_tip and so on: the vertices farthest along the last bone of each finger.

    Args:
        vertices: (V, 3).
        joints: (55, 3).
        weights: (V, 55) skinning weights.
    """
    tips: Landmarks = {}
    for finger in FINGERS:
        second, last = (SMPLX_JOINTS.index(f"left_{finger}{segment}") for segment in (2, 3))
        along = (vertices - joints[last]) @ (joints[last] - joints[second])
        along = np.where(weights[:, last] > 0.5, along, -np.inf)
        chosen = np.argsort(-along, kind="stable")[:NUM_VERTICES]
        tips[f"left_{finger}_tip"] = chosen, np.full(NUM_VERTICES, 1 / NUM_VERTICES)
    return tips
