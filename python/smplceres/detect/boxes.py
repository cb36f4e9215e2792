"""Boxes around people, from any detector: (N, 4) left, top, right, bottom, pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# From an image (H, W, 3) uint8, RGB, to the boxes of the people in it.
BoxSource: TypeAlias = Callable[[NDArray[np.uint8]], ArrayLike]

# Min score of a box in a file.
_MIN_SCORE = 0.3


def checked_boxes(boxes: ArrayLike, image: NDArray[Any]) -> Floats:
    """(N, 4) boxes inside the image; (N, 5) also have a score, and bad ones are left out.

    Raises:
        ValueError: another shape, NaN, a box without area or outside the image.
    """
    array = np.asarray(boxes, dtype=np.float64)
    if array.size == 0:
        return np.zeros((0, 4))
    if array.ndim != 2 or array.shape[1] not in (4, 5):
        raise ValueError(
            "boxes: expected [N, 4] left, top, right, bottom, or [N, 5] with a score, "
            f"got {list(array.shape)}"
        )
    if not np.isfinite(array).all():
        raise ValueError("boxes: expected finite numbers, got NaN or infinity")
    if array.shape[1] == 5:
        array = array[array[:, 4] >= _MIN_SCORE, :4]
    height, width = image.shape[:2]
    inside = np.clip(array, 0, [width, height, width, height])
    empty = (inside[:, 2:] - inside[:, :2]).min(axis=1, initial=np.inf) <= 0
    if empty.any():
        raise ValueError(
            f"boxes: expected left < right and top < bottom inside the image of {width} x {height} "
            f"pixels, got {array[empty][0].tolist()}"
        )
    return inside


def box_overlap(one: Floats, other: Floats) -> float:
    """Intersection over union of two boxes (4,)."""
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    both = float(np.prod(np.maximum(sides, 0)))
    areas = float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2]))
    return both / (areas - both) if areas > both else 0.0
