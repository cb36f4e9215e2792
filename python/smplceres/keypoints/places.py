"""Where people are in an image: their boxes, and detections of the same person."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .keypoints import Keypoints

Floats = NDArray[np.float64]

# Two detections are of one person if their boxes have the first part in common, as a detector that
# takes the feet for the head finds a person twice; or the second, with each keypoint of one near
# one of the other, in heights on average.
_SAME, _ALIKE, _NEAR = 0.8, 0.6, 0.06


def box_of(points: Floats) -> tuple[Floats, Floats]:
    return points.min(axis=0), points.max(axis=0)


def height_of(keypoints: Keypoints) -> float:
    """Pixels: the longer side of the box, which is its width for people who lie."""
    low, high = box_of(keypoints.xy[keypoints.visible])
    return float((high - low).max())


def overlap(box: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> float:
    """Intersection by union."""
    common = np.minimum(box[1], other[1]) - np.maximum(box[0], other[0])
    shared = float(np.prod(np.maximum(common, 0)))
    both = float(np.prod(box[1] - box[0]) + np.prod(other[1] - other[0])) - shared
    return shared / both if both > 0 else 0.0


def are_one_person(one: Keypoints, other: Keypoints) -> bool:
    """Whether two detections in an image are of the same person, whatever their labels."""
    points, others = one.xy[one.visible], other.xy[other.visible]
    shared = overlap(box_of(points), box_of(others))
    if shared >= _SAME or shared < _ALIKE:
        return shared >= _SAME
    apart = np.linalg.norm(points[:, None] - others[None], axis=2)
    farther = max(float(apart.min(axis=1).mean()), float(apart.min(axis=0).mean()))
    return farther < _NEAR * max(height_of(one), height_of(other), 1.0)
