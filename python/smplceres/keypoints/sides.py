"""Left and right over time: detectors exchange the sides for several frames in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .keypoints import Keypoints

Floats = NDArray[np.float64]

# Distances between frames are clipped at this fraction of the person's size: longer ones are
# outliers.
_FARTHEST = 0.3
# The cost of an exchanged frame, in the same unit: without evidence from motion most frames are
# assumed to be right. Values from 1e-4 to 3e-3 find the same frames of recorded video.
_EXCHANGED = 1e-3


def set_sides_right(
    keypoints: Sequence[Keypoints | None],
) -> tuple[list[Keypoints | None], list[int]]:
    """Exchanges left and right in the frames of a person in which a detector has confused them.

    The set of exchanged frames has minimal cost (Viterbi algorithm). The cost from one visible
    frame to the next is the mean distance of keypoints in sizes of the person, clipped at 0.3 and
    weighted by the lower confidence; every exchanged frame adds 0.001. Single confused limbs are
    not corrected.

    Args:
        keypoints: F frames of one person; None for frames without them.

    Returns:
        the frames, and the numbers of the exchanged ones. Formats without sides are returned
        unchanged.
    """
    seen = [frame for frame, one in enumerate(keypoints) if one is not None and one.visible.any()]
    given = [one for one in (keypoints[frame] for frame in seen) if one is not None]
    if len({one.format for one in given}) != 1:
        return list(keypoints), []
    try:
        swap = given[0].format.left_right_swap
    except ValueError:
        return list(keypoints), []
    exchanged = _cheapest(np.array([_costs(*pair, swap) for pair in pairwise(given)]))
    result = list(keypoints)
    for number in exchanged:
        one = given[number]
        result[seen[number]] = replace(one, xy=one.xy[swap], confidence=one.confidence[swap])
    return result, [seen[number] for number in exchanged]


def _costs(one: Keypoints, other: Keypoints, swap: NDArray[np.intp]) -> tuple[float, float]:
    """Costs of two frames with the same sides, and with one of them exchanged."""
    size = max(float(np.ptp(each.xy[each.visible], axis=0).max()) for each in (one, other))
    costs = []
    for order in (np.arange(len(swap)), swap):
        weight = np.minimum(one.confidence, other.confidence[order])
        distance = np.linalg.norm(one.xy - other.xy[order], axis=1) / max(size, 1.0)
        total = float(weight.sum())
        costs.append(float(weight @ np.minimum(distance, _FARTHEST)) / total if total else 0.0)
    return costs[0], costs[1]


def _cheapest(costs: Floats) -> list[int]:
    """The frames to exchange, from costs [F - 1, 2] of equal and of different states."""
    of_a_frame = np.array([0.0, _EXCHANGED])
    least = of_a_frame
    came_from = []
    for stay, change in costs.reshape(-1, 2):
        ways = least[:, None] + [[stay, change], [change, stay]]
        came_from.append(ways.argmin(axis=0))
        least = ways.min(axis=0) + of_a_frame
    path = [int(least.argmin())]
    for before in reversed(came_from):
        path.append(int(before[path[-1]]))
    return [frame for frame, exchanged in enumerate(reversed(path)) if exchanged]


def exchanged(keypoints: Keypoints) -> Keypoints:
    """Keypoints with left and right exchanged; the same ones of a format without sides."""
    try:
        swap = keypoints.format.left_right_swap
    except ValueError:
        return keypoints
    return replace(keypoints, xy=keypoints.xy[swap], confidence=keypoints.confidence[swap])
