"""A stream of keypoints: frames in which left and right have changed places, or another person."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...keypoints.keypoints import Keypoints
from ...keypoints.sides import exchanged

# Mean distances of keypoints from those of the last frame, in extents of the person: above the
# first, sides are looked at, and exchanged if that leaves this part of it.
_LOOKED_AT, _LESS = 0.04, 0.7
# A step is the mean distance from the last frame, in extents. A jump is a step of at least the
# first, and so many times the recent ones, of which the largest fades by a tenth a frame.
# Those whose sides are exchanged back are as near as others: half of that is a jump of theirs.
_JUMP, _TIMES, _FADES = 0.12, 3.0, 0.9
_JUMP_OF_EXCHANGED = 0.06
# Steps before one can be a jump, and keypoints of which it is a mean.
_STEPS, _FEWEST = 5, 5
# Seconds after which other sides and other places are believed.
_BELIEVED = 0.6


@dataclass(frozen=True, eq=False)
class _Seen:
    keypoints: Keypoints
    when: float


class Stream:
    """What a tracker accepts of a stream of keypoints: sides that change places for a few frames
    are exchanged back, and frames that jump away for a while are left out. What stays so for
    0.6 s is believed."""

    def __init__(self) -> None:
        self._last: _Seen | None = None  # accepted
        self._since: float | None = None  # of exchanged frames
        self._away: _Seen | None = None  # the last frame that was left out
        self._left = 0.0  # when the first of them was left out
        self._steps, self._usual, self._period = 0, 0.0, 0.0  # of accepted frames

    def accepted(self, keypoints: Keypoints, timestamp: float) -> Keypoints:
        """The keypoints as they are to be tracked; none are visible in a frame that is left out."""
        if keypoints.box is None:
            return keypoints
        right = self._with_right_sides(keypoints, timestamp)
        if self._is_away(right, timestamp, _JUMP if right is keypoints else _JUMP_OF_EXCHANGED):
            self._left = timestamp if self._away is None else self._left
            self._away = _Seen(keypoints, timestamp)
            return replace(right, confidence=np.zeros(len(right.confidence)))
        self._move(right, timestamp)
        return right

    def _move(self, keypoints: Keypoints, timestamp: float) -> None:
        """Takes a frame for the last one."""
        last = self._last
        if (
            last is None
            or last.keypoints.format != keypoints.format
            or (timestamp - last.when > _BELIEVED)
        ):
            self._steps, self._usual = 0, 0.0
        elif self._away is None:
            self._steps += 1
            self._usual = max(_distance(last.keypoints, keypoints), _FADES * self._usual)
            self._period = timestamp - last.when
        self._last, self._away = _Seen(keypoints, timestamp), None

    def _with_right_sides(self, keypoints: Keypoints, timestamp: float) -> Keypoints:
        last = self._last
        if last is None or last.keypoints.format != keypoints.format or self._away is not None:
            return keypoints  # meanwhile the person may have turned
        right = keypoints
        since = timestamp if self._since is None else self._since
        if timestamp - last.when < _BELIEVED and timestamp - since < _BELIEVED:
            right = _nearer(last.keypoints, keypoints)
        self._since = None if right is keypoints else since
        return right

    def _is_away(self, keypoints: Keypoints, timestamp: float, jump: float) -> bool:
        """Whether a frame jumps away from the last one, by the least of a jump at least, or stays
        where others jumped to."""
        last, away = self._last, self._away
        if last is None or last.keypoints.format != keypoints.format or self._steps < _STEPS:
            return False
        passed = timestamp - (last.when if away is None else away.when)
        allowed = max(jump, _TIMES * self._usual * jump / _JUMP) * max(passed / self._period, 1.0)
        off = _distance(last.keypoints, keypoints)
        if away is None:
            return passed < _BELIEVED and off > allowed
        step = _distance(away.keypoints, keypoints)
        returned = off < step or (step > allowed and off < 2 * step)
        return timestamp - self._left < _BELIEVED and not returned


def _nearer(before: Keypoints, keypoints: Keypoints) -> Keypoints:
    """The keypoints, with exchanged sides if they are much nearer so."""
    distance = _distance(before, keypoints)
    if distance < _LOOKED_AT:
        return keypoints
    other = exchanged(keypoints)
    return other if _distance(before, other) < _LESS * distance else keypoints


def _distance(before: Keypoints, keypoints: Keypoints) -> float:
    """Mean over keypoints that both have, in extents of the person; 0 for few."""
    weight = np.minimum(before.confidence, keypoints.confidence)
    if np.count_nonzero(weight) < _FEWEST:
        return 0.0
    off = np.abs(before.xy - keypoints.xy).sum(axis=1)
    size = max(before.extent_px, keypoints.extent_px, 1.0)
    return float(weight @ off) / (float(weight.sum()) * size)
