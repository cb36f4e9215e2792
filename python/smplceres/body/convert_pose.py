"""The pose of a body in other coordinates."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.coordinates import FROM_OPENCV, array_ending_in, checked_name, conversion
from ..base.rotations import compose
from .model import BodyModel

Floats = NDArray[np.float64]


def convert_pose(
    model: BodyModel,
    betas: ArrayLike,
    global_orient: ArrayLike,
    transl: ArrayLike,
    source: str,
    target: str,
) -> tuple[Floats, Floats]:
    """global_orient (..., 3) and transl (..., 3) that place a body in the target frame.

    The root turns a body about its pelvis, which at rest is at j0(betas) and not at the origin:
    with C = conversion(source, target), R' = C R and t' = C (j0 + t) - j0. Body_pose and betas do
    not change.

    Args:
        model: the body.
        betas: (B,).
        global_orient: (..., 3) axis-angles, radians; returned with length <= pi.
        transl: (..., 3) metres.

    Raises:
        ValueError: an unknown frame, a wrong shape, NaN.
    """
    change = conversion(source, target)
    pelvis = model.joints(betas=betas)[0]
    orient = array_ending_in("global_orient", global_orient, (3,))
    places = array_ending_in("transl", transl, (3,))
    source, target = checked_name(source, "source"), checked_name(target, "target")
    turned = compose(FROM_OPENCV[target], compose(-np.array(FROM_OPENCV[source]), orient))
    return turned, (pelvis + places) @ change.T - pelvis
