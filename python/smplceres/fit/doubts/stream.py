"""A stream of keypoints: frames in which left and right have changed places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...keypoints.keypoints import Keypoints

# Mean distances of keypoints from those of the last frame, in extents of the person: above the
# first, sides are looked at, and exchanged if that leaves this part of it.
_LOOKED_AT, _LESS = 0.04, 0.7
# Seconds after which other sides are believed.
_BELIEVED = 0.6


class Stream:
    """What a tracker accepts of a stream of keypoints: sides that change places for a few frames
    are exchanged back. If they stay so for 0.6 s, they are believed."""

    def __init__(self) -> None:
        self._last: tuple[Keypoints, float] | None = None
        self._since: float | None = None  # of exchanged frames

    def accepted(self, keypoints: Keypoints, timestamp: float) -> Keypoints:
        """The keypoints as they are to be tracked."""
        if keypoints.box is None:
            return keypoints
        accepted = keypoints
        if self._last is not None and self._last[0].format == keypoints.format:
            before, when = self._last
            since = timestamp if self._since is None else self._since
            if timestamp - when < _BELIEVED and timestamp - since < _BELIEVED:
                accepted = _nearer(before, keypoints)
            self._since = None if accepted is keypoints else since
        self._last = accepted, timestamp
        return accepted


def _nearer(before: Keypoints, keypoints: Keypoints) -> Keypoints:
    """The keypoints, with exchanged sides if they are much nearer so."""
    distance = _distance(before, keypoints)
    if distance < _LOOKED_AT:
        return keypoints
    try:
        swap = keypoints.format.left_right_swap
    except ValueError:
        return keypoints
    exchanged = replace(keypoints, xy=keypoints.xy[swap], confidence=keypoints.confidence[swap])
    return exchanged if _distance(before, exchanged) < _LESS * distance else keypoints


def _distance(before: Keypoints, keypoints: Keypoints) -> float:
    """Mean over keypoints that both have, in extents of the person; 0 without any."""
    weight = np.minimum(before.confidence, keypoints.confidence)
    off = np.abs(before.xy - keypoints.xy).sum(axis=1)
    total = float(weight.sum())
    size = max(before.extent_px, keypoints.extent_px, 1.0)
    return float(weight @ off) / (total * size) if total > 0 else 0.0
