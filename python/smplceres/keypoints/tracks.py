"""Several people over time: detections of a clip linked to one track per person."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.input_warnings import one_warning, warn_of_input
from .files.reading import read_keypoints
from .formats import KeypointFormat
from .keypoints import Keypoints

Floats = NDArray[np.float64]

# The people of one frame, or the path of a keypoint file.
FramePeople = Sequence[Keypoints] | str | PathLike[str]

# Frames over which the motion of a person who is not detected is extrapolated.
_GOES_ON = 5

# The cost of a pair that is never linked; all others are <= 1.
_NEVER = 1e3


@dataclass(frozen=True, eq=False)
class Track:
    """One person of a clip.

    Attributes:
        first: the first frame with the person.
        keypoints: from that frame to the last one with the person; None if not detected.
    """

    first: int
    keypoints: tuple[Keypoints | None, ...]

    @property
    def last(self) -> int:
        """The last frame with the person."""
        return self.first + len(self.keypoints) - 1

    @property
    def num_seen(self) -> int:
        """Number of frames with the person."""
        return sum(keypoints is not None for keypoints in self.keypoints)


def link_people(
    frames: Sequence[FramePeople],
    *,
    keypoint_format: str | KeypointFormat | None = None,
    max_gap: int = 30,
    max_distance: float = 0.5,
    min_frames: int = 5,
    strict: bool = False,
) -> list[Track]:
    """Links the people detected in each frame to tracks, ordered by their first frame.

    In every frame detections are assigned to tracks at minimal total cost. The cost of a pair is
    half of 1 - intersection / union of their boxes plus half of the mean distance of the keypoints
    that both have, in heights of the person. Tracks are predicted at constant velocity; one without
    a detection is kept for max_gap frames.

    Args:
        frames: F; of each the people in it, or the path of a keypoint file.
        keypoint_format: of files that do not state it, or state it wrongly.
        max_gap: max number of frames, >= 0, without a detection of the person.
        max_distance: in heights of the person, > 0; farther detections are not linked.
        min_frames: tracks with fewer detections are dropped as false detections.
        strict: a file that cannot be read is an error; otherwise it gives a warning and its frame
            has no people.

    Raises:
        ImportError: SciPy is missing.
        ValueError: no frame, an argument out of range, with `strict` a file that cannot be read.
    """
    assign = assignment()
    for name, value, minimum in (("max_gap", max_gap, 0), ("min_frames", min_frames, 1)):
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            raise ValueError(f"{name}: expected a whole number >= {minimum}, got {value!r}")
    if not max_distance > 0:
        raise ValueError(f"max_distance: expected a number > 0, got {max_distance!r}")
    if isinstance(frames, str | PathLike) or len(frames) == 0:
        raise ValueError("frames: expected at least one, got none")
    going: list[_Going] = []
    ended: list[_Going] = []
    with one_warning():
        of_frames = [
            _people_of(frame, given, keypoint_format, strict) for frame, given in enumerate(frames)
        ]
    for frame, found_people in enumerate(of_frames):
        people = [person for person in found_people if person.visible.sum() >= 2]
        ended += [track for track in going if frame - track.frames[-1] - 1 > max_gap]
        going = [track for track in going if frame - track.frames[-1] - 1 <= max_gap]
        costs = np.array(
            [[track.cost(frame, person, max_distance) for person in people] for track in going]
        ).reshape(len(going), len(people))
        found = set()
        for track, person in zip(*assign(costs), strict=True):
            if costs[track, person] < _NEVER:
                going[track].add(frame, people[person])
                found.add(int(person))
        going += [_Going(frame, p) for number, p in enumerate(people) if number not in found]
    tracks = [track.finished() for track in (*ended, *going) if len(track.frames) >= min_frames]
    return sorted(tracks, key=lambda track: (track.first, -track.num_seen))


def assignment() -> Any:
    try:
        return importlib.import_module("scipy.optimize").linear_sum_assignment
    except ImportError as error:
        raise ImportError("linking people needs SciPy: pip install 'smplceres[tracks]'") from error


def _people_of(
    frame: int, given: FramePeople, keypoint_format: str | KeypointFormat | None, strict: bool
) -> Sequence[Keypoints]:
    if isinstance(given, str | PathLike):
        try:
            return read_keypoints(given, keypoint_format)
        except (OSError, ValueError) as error:
            if strict:
                raise ValueError(f"frames: frame {frame}: {error}") from error
            warn_of_input(f"frame {frame} skipped: {error}")
            return []
    for person in given:
        if not isinstance(person, Keypoints):
            raise ValueError(
                f"frames: frame {frame}: expected Keypoints, got {type(person).__name__}"
            )
    return given


class _Going:
    """A track that is not finished."""

    def __init__(self, frame: int, keypoints: Keypoints) -> None:
        self.frames, self.keypoints = [frame], [keypoints]
        self._velocity = np.zeros(2)  # pixels a frame

    def add(self, frame: int, keypoints: Keypoints) -> None:
        both = self.keypoints[-1].visible & keypoints.visible
        if both.any():
            moved = np.median(keypoints.xy[both] - self.keypoints[-1].xy[both], axis=0)
            self._velocity = moved / (frame - self.frames[-1])
        self.frames.append(frame)
        self.keypoints.append(keypoints)

    def cost(self, frame: int, keypoints: Keypoints, max_distance: float) -> float:
        """The cost of this detection: 0 for the predicted keypoints, up to 1, or `_NEVER`."""
        last = self.keypoints[-1]
        if last.format != keypoints.format:
            return _NEVER
        both = last.visible & keypoints.visible
        if not both.any():
            return _NEVER
        expected = last.xy + self._velocity * min(frame - self.frames[-1], _GOES_ON)
        size = max(_height(last), _height(keypoints), 1.0)
        distance = np.linalg.norm(expected[both] - keypoints.xy[both], axis=1).mean() / size
        if distance > max_distance:
            return _NEVER
        box, other = _box(expected[last.visible]), _box(keypoints.xy[keypoints.visible])
        return float(0.5 * (1 - _overlap(box, other)) + 0.5 * min(distance, 1.0))

    def finished(self) -> Track:
        seen = dict(zip(self.frames, self.keypoints, strict=True))
        first, last = self.frames[0], self.frames[-1]
        return Track(first, tuple(seen.get(frame) for frame in range(first, last + 1)))


def _height(keypoints: Keypoints) -> float:
    """Pixels: the longer side of the box, which is its width for people who lie."""
    low, high = _box(keypoints.xy[keypoints.visible])
    return float((high - low).max())


def _box(points: Floats) -> tuple[Floats, Floats]:
    return points.min(axis=0), points.max(axis=0)


def _overlap(box: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> float:
    """Intersection by union."""
    common = np.minimum(box[1], other[1]) - np.maximum(box[0], other[0])
    shared = float(np.prod(np.maximum(common, 0)))
    both = float(np.prod(box[1] - box[0]) + np.prod(other[1] - other[0])) - shared
    return shared / both if both > 0 else 0.0
