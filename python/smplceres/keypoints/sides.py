"""Left and right over time: detectors take one side for the other for some frames on end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .keypoints import Keypoints

Floats = NDArray[np.float64]

# A keypoint that goes farther than this share of the person from one frame to the next says no
# more: it is an outlier.
_FARTHEST = 0.3
# The cost of a frame that is exchanged, in the same unit; that most frames are right decides where
# motion does not. From 1e-4 to 3e-3 the same frames of recorded video are found.
_EXCHANGED = 1e-3


def set_sides_right(
    keypoints: Sequence[Keypoints | None],
) -> tuple[list[Keypoints | None], list[int]]:
    """Exchanges left and right in the frames of a person in which a detector has mistaken them.

    Of all ways to exchange frames the cheapest is taken (Viterbi): from one seen frame to the next
    the mean distance of keypoints, in sizes of the person and at most 0.3, weighted with the lower
    confidence; and 0.001 for every frame that is exchanged, so that most are left as they are.
    Limbs that are mistaken one by one are not set right.

    Args:
        keypoints: F frames of one person; None where they are not seen.

    Returns:
        the frames, and which of them were exchanged. Formats whose names have no sides come back
        as they are.
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
    """Of both frames being of the same kind, and of one being exchanged."""
    size = max(float(np.ptp(each.xy[each.visible], axis=0).max()) for each in (one, other))
    costs = []
    for order in (np.arange(len(swap)), swap):
        weight = np.minimum(one.confidence, other.confidence[order])
        distance = np.linalg.norm(one.xy - other.xy[order], axis=1) / max(size, 1.0)
        total = float(weight.sum())
        costs.append(float(weight @ np.minimum(distance, _FARTHEST)) / total if total else 0.0)
    return costs[0], costs[1]


def _cheapest(costs: Floats) -> list[int]:
    """The frames to exchange, of costs [F - 1, 2] of going on as before and of changing."""
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
