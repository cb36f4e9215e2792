"""Detection in a part of an image: a square about a box, with black beyond the image."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..evidence.mask import Mask
from ..keypoints.keypoints import Keypoints
from .boxes import box_overlap
from .detector import Detection, Detector

Floats = NDArray[np.float64]

# A square is this much larger than the longer side of its box: detectors of single people are
# trained with some background about them.
_MARGIN = 1.25
# Min confidence of keypoints that tell where a person is.
_SURE = 0.5
# Two detections are one person if the keypoints that both have are, in the median, nearer than this
# part of the size of the person, or if their boxes overlap by this much.
_SAME_PLACE, _SAME_BOX = 0.15, 0.65


def square_about(box: Floats, margin: float = _MARGIN) -> Floats:
    """(4,) the square about a box (4,), in whole pixels; it may reach beyond the image."""
    side = np.ceil(margin * float((box[2:] - box[:2]).max()))
    corner = np.round((box[:2] + box[2:] - side) / 2)
    return np.concatenate([corner, corner + side])


def cut_out(image: NDArray[np.uint8], square: Floats) -> NDArray[np.uint8]:
    """The pixels of a square (4,), black beyond the image."""
    left, top, right, bottom = (int(each) for each in square)
    height, width = image.shape[:2]
    part = np.zeros((max(bottom - top, 1), max(right - left, 1), 3), dtype=np.uint8)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
    if x1 > x0 and y1 > y0:
        part[y0 - top : y1 - top, x0 - left : x1 - left] = image[y0:y1, x0:x1]
    return part


def found_in(detector: Detector, image: NDArray[np.uint8], square: Floats) -> list[Detection]:
    """The people that a detector finds in a square of an image, in pixels of the image."""
    found = detector(cut_out(image, square))
    return [_moved(each, image, square) for each in found]


def _moved(found: Detection, image: NDArray[Any], square: Floats) -> Detection:
    left, top = int(square[0]), int(square[1])
    height, width = image.shape[:2]
    keypoints = found.keypoints
    moved = replace(keypoints, xy=keypoints.xy + square[:2], image_size=(width, height))
    if found.mask is None:
        return Detection(moved)
    pixels = np.zeros((height, width), dtype=bool)
    part = np.asarray(found.mask.pixels, dtype=bool)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + part.shape[1], width), min(top + part.shape[0], height)
    pixels[y0:y1, x0:x1] = part[y0 - top : y1 - top, x0 - left : x1 - left]
    return Detection(moved, Mask(pixels) if pixels.any() else None)


def sure_points(keypoints: Keypoints) -> NDArray[np.bool_]:
    """(K,) keypoints with a confidence of 0.5 or more; the best three if there are fewer."""
    sure = np.asarray(keypoints.confidence >= _SURE)
    if sure.sum() < 3:
        sure[np.argsort(-keypoints.confidence)[:3]] = True
    return sure


def box_of(keypoints: Keypoints) -> Floats:
    """(4,) the box about the sure keypoints of a person."""
    xy = keypoints.xy[sure_points(keypoints)]
    return np.concatenate([xy.min(axis=0), xy.max(axis=0)])


def same_person(one: Keypoints, other: Keypoints) -> bool:
    """Whether two detections of an image are of one person."""
    boxes = box_of(one), box_of(other)
    if box_overlap(*boxes) > _SAME_BOX:
        return True
    both = sure_points(one) & sure_points(other)
    if one.format != other.format or both.sum() < 3:
        return False
    size = max(float((box[2:] - box[:2]).max()) for box in boxes)
    away = np.linalg.norm(one.xy[both] - other.xy[both], axis=1)
    return bool(np.median(away) < _SAME_PLACE * size)


def without_duplicates(found: list[Detection]) -> list[Detection]:
    """The first detection of each person."""
    kept: list[Detection] = []
    for each in found:
        if not any(same_person(each.keypoints, other.keypoints) for other in kept):
            kept.append(each)
    return kept
