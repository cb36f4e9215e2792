"""Several people over time: detections of a clip linked to one track per person."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.input_warnings import one_warning, warn_of_input
from .files.reading import read_keypoints
from .formats import KeypointFormat
from .keypoints import Keypoints
from .places import are_one_person, box_of, height_of, overlap
from .sides import exchanged

Floats = NDArray[np.float64]

# The people of one frame, or the path of a keypoint file.
FramePeople = Sequence[Keypoints] | str | PathLike[str]

# Frames over which the motion of a person who is not detected is extrapolated.
_GOES_ON = 5

# The cost of a pair that is never linked; all others are <= 1.
_NEVER = 1e3

# A detection with other keypoints, as of a person who stands on the hands, is linked to a track
# without one if their boxes have at least this much in common.
_SAME_PLACE = 0.4


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
    that both have, in heights of the person, with their sides as they are or exchanged. Tracks are
    predicted at constant velocity; one without a detection is kept for max_gap frames. Detections
    that are left are linked to a track that was in the same place, as of a person whose head and
    feet a detector confuses. One that repeats another person of its frame is dropped.

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
        linked = _linked(going, people, frame, max_distance, assign)
        for track, person in linked.items():
            going[track].add(frame, people[person])
        going += [_Going(frame, each) for each in _others(people, set(linked.values()))]
    tracks = [track.finished() for track in (*ended, *going) if len(track.frames) >= min_frames]
    return sorted(tracks, key=lambda track: (track.first, -track.num_seen))


def _linked(
    going: Sequence[_Going],
    people: Sequence[Keypoints],
    frame: int,
    max_distance: float,
    assign: Any,
) -> dict[int, int]:
    """The number of the detection of each track that has one."""
    linked: dict[int, int] = {}
    costs_of: tuple[Callable[[_Going, Keypoints], float], ...] = (
        lambda track, person: track.cost(frame, person, max_distance),
        lambda track, person: track.cost_of_place(frame, person),
    )
    for cost in costs_of:
        tracks = [n for n in range(len(going)) if n not in linked]
        free = [n for n in range(len(people)) if n not in linked.values()]
        costs = np.array([[cost(going[t], people[p]) for p in free] for t in tracks])
        costs = costs.reshape(len(tracks), len(free))
        for row, column in zip(*assign(costs), strict=True):
            if costs[row, column] < _NEVER:
                linked[tracks[row]] = free[column]
    return linked


def _others(people: Sequence[Keypoints], linked: set[int]) -> list[Keypoints]:
    """The people who are not linked, without those who repeat one who is, or one whose
    confidences are higher."""
    kept = sorted(linked)
    rest = [number for number in range(len(people)) if number not in linked]
    for number in sorted(rest, key=lambda n: -float(people[n].confidence.sum())):
        if not any(are_one_person(people[number], people[other]) for other in kept):
            kept.append(number)
    return [people[number] for number in rest if number in kept]


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
        last = self.keypoints[-1]
        if last.format == keypoints.format:
            labelled = min((keypoints, exchanged(keypoints)), key=lambda each: _apart(last, each))
            both = last.visible & labelled.visible
            if both.any():
                moved = np.median(labelled.xy[both] - last.xy[both], axis=0)
                self._velocity = moved / (frame - self.frames[-1])
        self.frames.append(frame)
        self.keypoints.append(keypoints)

    def cost(self, frame: int, keypoints: Keypoints, max_distance: float) -> float:
        """The cost of this detection: 0 for the predicted keypoints, up to 1, or `_NEVER`."""
        last = self.keypoints[-1]
        if last.format != keypoints.format:
            return _NEVER
        expected = replace(last, xy=self._expected(frame))
        size = max(height_of(last), height_of(keypoints), 1.0)
        distance = min(_apart(expected, each) for each in (keypoints, exchanged(keypoints))) / size
        if distance > max_distance:
            return _NEVER
        return float(0.5 * (1 - self._overlap(frame, keypoints)) + 0.5 * min(distance, 1.0))

    def cost_of_place(self, frame: int, keypoints: Keypoints) -> float:
        """The cost of a detection with other keypoints in the same place; `_NEVER` elsewhere."""
        shared = self._overlap(frame, keypoints)
        return 1 - shared if shared >= _SAME_PLACE else _NEVER

    def _expected(self, frame: int) -> Floats:
        """(K, 2)"""
        gone = min(frame - self.frames[-1], _GOES_ON)
        return np.asarray(self.keypoints[-1].xy + self._velocity * gone)

    def _overlap(self, frame: int, keypoints: Keypoints) -> float:
        expected = self._expected(frame)[self.keypoints[-1].visible]
        return overlap(box_of(expected), box_of(keypoints.xy[keypoints.visible]))

    def finished(self) -> Track:
        seen = dict(zip(self.frames, self.keypoints, strict=True))
        first, last = self.frames[0], self.frames[-1]
        return Track(first, tuple(seen.get(frame) for frame in range(first, last + 1)))


def _apart(one: Keypoints, other: Keypoints) -> float:
    """Mean distance of the keypoints that both have, pixels; infinite without any."""
    both = one.visible & other.visible
    return (
        float(np.linalg.norm(one.xy[both] - other.xy[both], axis=1).mean())
        if both.any()
        else np.inf
    )
