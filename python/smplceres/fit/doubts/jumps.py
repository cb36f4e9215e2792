"""Frames in which a camera saw something else: keypoints that jump away and back.

Another person, a reflection, or a detection that slipped. People move smoothly: a step between
frames is like those before and after it, and a jump is not. A run of frames is left out if
keypoints jump at both of its ends, and those before and after it are as near each other as motion
meanwhile explains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...evidence.views import View
from ...keypoints.keypoints import Keypoints
from .frames import apart, as_text
from .warning import FitWarning

Floats = NDArray[np.float64]

# A step is the mean distance of keypoints between frames, in extents of the person. A jump is one
# of at least the first, and so many times the steps beside it and those of most frames.
_JUMP, _TIMES = 0.06, 2.5
# What a person may move meanwhile: this part of the jumps, or so many usual steps a frame.
_BACK, _STEPS = 0.5, 1.5
# The longest run, seconds and part of the clip.
_SECONDS, _SHARE = 0.7, 0.3
_FEWEST = 12


def without_jumps(
    views: Sequence[View], times: Floats, name: str
) -> tuple[list[View], list[FitWarning]]:
    """The views of a camera without people in frames that jump, and a warning that names these.

    Args:
        views: of each frame.
        times: of the frames, seconds, ascending.
        name: of the camera, for the warning.
    """
    left_out = _jumping([view.keypoints for view in views], times)
    if not left_out:
        return list(views), []
    kept = list(views)
    for frame in left_out:
        keypoints = views[frame].keypoints
        kept[frame] = replace(
            views[frame],
            keypoints=replace(keypoints, confidence=np.zeros(len(keypoints.confidence))),
        )
    return kept, [
        FitWarning(
            "other_in_frames",
            f"keypoints jump away and back in some frames{name}, as those of another person do; "
            "these frames were left out",
            f"frames {as_text(left_out)}",
            "check the detections, or link people to tracks",
        )
    ]


def _jumping(keypoints: Sequence[Keypoints], times: Floats) -> list[int]:
    seen = [frame for frame, each in enumerate(keypoints) if each.visible.any()]
    if len(seen) < _FEWEST or len({keypoints[frame].format for frame in seen}) > 1:
        return []
    steps = np.array([_distance(keypoints, *pair) for pair in pairwise(seen)])
    usual = float(np.median(steps))
    least = max(_JUMP, _TIMES * usual)
    # Steps into a run are unlike those before them, steps out of it unlike those after them.
    into = steps > np.maximum(least, _TIMES * np.append(usual, steps[:-1]))
    out = steps > np.maximum(least, _TIMES * np.append(steps[1:], usual))
    found: list[int] = []
    after = 0  # a place in `seen`
    for start in (int(n) + 1 for n in np.flatnonzero(into)):
        if start < after:
            continue
        for end in (int(n) + 1 for n in np.flatnonzero(out) if n >= start):
            last = seen[start - 1], seen[end]
            if times[last[1]] - times[last[0]] > _SECONDS:
                break
            away = min(steps[start - 1], steps[end - 1])
            within = float(np.median(steps[start : end - 1])) if end > start + 1 else usual
            meanwhile = _STEPS * usual * (end - start + 1)
            back = _distance(keypoints, *last)
            if away > _TIMES * within and back < max(_BACK * away, meanwhile):
                found += seen[start:end]
                after = end
                break
    return found if len(found) <= _SHARE * len(seen) else []


def _distance(keypoints: Sequence[Keypoints], one: int, other: int) -> float:
    """Extents of the person."""
    size = max(keypoints[one].extent_px, keypoints[other].extent_px, 1.0)
    return apart(keypoints[one], keypoints[other]) / size
