"""Keypoints as ROS sends them: `hri_msgs/Skeleton2D` of one person, JSON of all people.

Positions of a Skeleton2D are fractions of the image: 0 is its left or upper edge, which is pixel
-0.5 here, as pixel centres are at integers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..keypoints.formats import HRI18, KeypointFormat, format_named
from ..keypoints.keypoints import Keypoints

Floats = NDArray[np.float64]


class Stamp(NamedTuple):
    """The time of a message, since the epoch of its clock."""

    sec: int
    nanosec: int

    @property
    def seconds(self) -> float:
        """As one number."""
        return self.sec + 1e-9 * self.nanosec

    @property
    def nanoseconds(self) -> int:
        """As one whole number."""
        return 10**9 * self.sec + self.nanosec

    @classmethod
    def of_nanoseconds(cls, nanoseconds: int) -> Stamp:
        """The inverse of `nanoseconds`."""
        return cls(*divmod(int(nanoseconds), 10**9))


class PeopleSeen(NamedTuple):
    """The people of one image."""

    stamp: Stamp
    frame_id: str
    people: list[Keypoints]


def keypoints_of_skeleton(message: Any, width: int, height: int) -> Keypoints:
    """The keypoints of a `hri_msgs/Skeleton2D`, format `hri18`; points with c = 0, with NaN, or at
    (0, 0), as unset ones are, are missing.

    Raises:
        ValueError: not 18 points.
    """
    rows = np.array([(point.x, point.y, point.c) for point in message.skeleton], dtype=np.float64)
    if len(rows) != HRI18.num_keypoints:
        raise ValueError(f"Skeleton2D: expected 18 points, got {len(rows)}")
    rows[~np.isfinite(rows).all(axis=1) | ~rows[:, :2].any(axis=1) | (rows[:, 2] < 0)] = 0
    return Keypoints(rows[:, :2] * (width, height) - 0.5, rows[:, 2], HRI18, (width, height))


def people_of_json(text: str, keypoint_format: KeypointFormat | None = None) -> PeopleSeen:
    """The people of a JSON message, for robots without hri_msgs and for other formats:

        {"stamp": [sec, nanosec], "frame_id": "camera", "format": "coco17",
         "people": [[[x, y, confidence], ...], ...]}

    with pixels, centres at integers.

    Args:
        keypoint_format: where the message has no `format`; None: the only known one of that count.

    Raises:
        ValueError: not such a message; names the field.
    """
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise ValueError(f"keypoints: expected JSON, got {text[:40]!r}: {error}") from None
    if not isinstance(fields, Mapping) or not {"stamp", "people"} <= fields.keys():
        raise ValueError("keypoints: expected JSON with stamp and people, got other fields")
    stamp, people = fields["stamp"], fields["people"]
    if not (
        isinstance(stamp, list)
        and len(stamp) == 2
        and all(isinstance(part, int) and part >= 0 for part in stamp)
    ):
        raise ValueError(f"stamp: expected [sec, nanosec], got {stamp!r}")
    if not isinstance(people, list):
        raise ValueError(f"people: expected a list, got {people!r}")
    chosen = fields.get("format", keypoint_format)
    known = None if chosen is None else format_named(chosen)
    return PeopleSeen(
        Stamp(*stamp),
        str(fields.get("frame_id", "")),
        [Keypoints.from_array(rows, known) for rows in people],
    )


def json_of_people(seen: PeopleSeen) -> str:
    """The JSON that `people_of_json` reads; all people in one format."""
    fields: dict[str, Any] = {"stamp": list(seen.stamp), "frame_id": seen.frame_id}
    if seen.people:
        fields["format"] = seen.people[0].format.name
    fields["people"] = [
        np.column_stack([each.xy, each.confidence]).tolist() for each in seen.people
    ]
    return json.dumps(fields)


def skeleton_points(pixels: Floats, confidence: Floats, camera: Camera) -> Floats:
    """(18, 3) the points of a Skeleton2D: pixels (18, 2) in the image of the camera; those outside
    of it, or NaN, are zeros."""
    normalised = (pixels + 0.5) / (camera.width, camera.height)
    # Not so for NaN.
    seen = ((normalised >= 0) & (normalised <= 1)).all(axis=1)
    points = np.zeros((len(pixels), 3))
    points[seen, :2], points[seen, 2] = normalised[seen], np.clip(confidence[seen], 0, 1)
    return points
