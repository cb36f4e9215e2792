"""People in OpenPose's JSON, and in AlphaPose's that has the same containers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..formats import (
    COCO17,
    COCO_WHOLEBODY133,
    HALPE26,
    HALPE136,
    MEDIAPIPE33,
    OPENPOSE_BODY25,
    OPENPOSE_BODY25B,
    OPENPOSE_COCO18,
    OPENPOSE_WHOLE137,
    KeypointFormat,
)
from .content import flat_rows, format_by_count, kind_of, list_of, object_of
from .found import Found, Request

# The keys of a person's keypoints: OpenPose's, its old one, that of AlphaPose's `bodies`.
_KEYS = ("pose_keypoints_2d", "pose_keypoints", "joints")

# By the number of keypoints; many programs write these containers.
_FORMATS = (
    *(OPENPOSE_BODY25, OPENPOSE_COCO18, COCO17, HALPE26, MEDIAPIPE33),
    *(COCO_WHOLEBODY133, HALPE136),
)

# Hands and face beside BODY_25, in the order of OPENPOSE_WHOLE137.
_DETAILS = (
    ("hand_left_keypoints_2d", 21),
    ("hand_right_keypoints_2d", 21),
    ("face_keypoints_2d", 70),
)

# OpenPose's BODY_135: BODY_25B, and then hands and face, which are left out as those of others.
_BODY_135 = 135


def openpose(content: dict[str, object], request: Request) -> Iterator[Found]:
    return _people("people", content["people"], None, request)


def bodies(content: dict[str, object], request: Request) -> Iterator[Found]:
    """One image of AlphaPose's, as --sep-json writes it."""
    return _people("bodies", content["bodies"], None, request)


def by_image(content: dict[str, object], request: Request) -> Iterator[Found]:
    """AlphaPose's images, each with `bodies` (--format cmu) or `people` (--format open)."""
    for name, value in content.items():
        record = object_of(name, value)
        key = "bodies" if "bodies" in record else "people"
        yield from _people(f"{name}.{key}", record[key], name, request)


def is_by_image(content: dict[str, object]) -> bool:
    return bool(content) and all(
        isinstance(value, dict) and bool({"bodies", "people"} & value.keys())
        for value in content.values()
    )


def _people(where: str, values: object, image: str | None, request: Request) -> Iterator[Found]:
    people = list_of(where, values)
    if not people:
        yield Found(where, image=image)
    for p, value in enumerate(people):
        place = f"{where}[{p}]"
        person = {} if value is None else object_of(place, value)
        if not person:  # not visible to this camera, as Pose2Sim writes it
            yield Found(place, image=image)
            continue
        key = next((key for key in _KEYS if key in person), None)
        if key is None and any(_has_key(other) for other in people):
            yield Found(place, image=image, without="without keypoints")
            continue
        if key is None:
            raise ValueError(f"{place}: expected 'pose_keypoints_2d', got {kind_of(person)}")
        rows = flat_rows(f"{place}.{key}", person[key] or [])
        if not len(rows):
            yield Found(place, image=image, without="without keypoints")
            continue
        if (
            request.format in (None, OPENPOSE_WHOLE137)
            and len(rows) == OPENPOSE_BODY25.num_keypoints
        ):
            details = _details(place, person)
            if details is not None or request.format is OPENPOSE_WHOLE137:
                yield Found(place, _joined(rows, details), OPENPOSE_WHOLE137, image)
                continue
        rows, format = _of_count(f"{place}.{key}", rows, request.format)
        yield Found(place, rows, format, image)


def _has_key(person: object) -> bool:
    return isinstance(person, dict) and any(key in person for key in _KEYS)


def _details(place: str, person: dict[str, object]) -> NDArray[np.float64] | None:
    """(112, 3) both hands and the face; 0 where one is missing; None: without these
    arrays, which a program that looks for hands and faces writes for every person."""
    parts, found = [], False
    for key, count in _DETAILS:
        rows = flat_rows(f"{place}.{key}", person.get(key) or [])
        if len(rows) not in (0, count):
            raise ValueError(f"{place}.{key}: expected {count} points, got {len(rows)}")
        found |= len(rows) > 0
        parts.append(rows if len(rows) else np.zeros((count, 3)))
    return np.concatenate(parts) if found else None


def _joined(body: NDArray[np.float64], details: NDArray[np.float64] | None) -> NDArray[np.float64]:
    if details is None:
        details = np.zeros((OPENPOSE_WHOLE137.num_keypoints - len(body), 3))
    return np.concatenate([body, details])


def _of_count(
    where: str, rows: NDArray[np.float64], chosen: KeypointFormat | None
) -> tuple[NDArray[np.float64], KeypointFormat]:
    if len(rows) == _BODY_135 and chosen in (None, OPENPOSE_BODY25B):
        rows = rows[: OPENPOSE_BODY25B.num_keypoints]
        chosen = OPENPOSE_BODY25B
    return rows, format_by_count(where, len(rows), chosen, _FORMATS)
