"""Pose landmarks of MediaPipe in JSON, from Python or the browser: objects with x, y, visibility.

Coordinates are fractions of the image. A list of landmarks is a person, a list of such lists has
one per image, and a list of those the people of each image.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..formats import MEDIAPIPE33
from ..names import format_of_names
from .content import list_of, numbers_of, object_of
from .found import Found, Request
from .records import names_of_points

# Keys of a person's landmarks, or of those of the people of an image, without punctuation.
_KEYS = ("poselandmarks", "landmarks", "normalizedlandmarks", "posenormalizedlandmarks")
_WORLD_KEYS = ("poseworldlandmarks", "worldlandmarks")


def is_landmarks(content: object, depth: int = 4) -> bool:
    """Whether a value holds landmarks of images."""
    if isinstance(content, dict):
        known = {key.replace("_", "").lower() for key in content}
        return _is_landmark(content) or bool(known & set(_KEYS)) or _is_by_name(content)
    if isinstance(content, list) and depth:
        first = next((each for each in content if each), None)
        return first is not None and is_landmarks(first, depth - 1)
    return False


def landmarks(content: object, request: Request) -> Iterator[Found]:
    """ValueError for a person with another number of landmarks than 33."""
    images = _images(content, _KEYS)
    for i, people in enumerate(images):
        image = i if len(images) > 1 else None
        where = f"landmarks[{i}]" if len(images) > 1 else "landmarks"
        if not people:
            yield Found(where, image=image)
        for person in people:
            rows = landmark_rows(where, person, ("x", "y"))
            if not len(rows):
                yield Found(where, image=image, without="without keypoints")
                continue
            format, order = request.format or MEDIAPIPE33, list(range(len(rows)))
            names = names_of_points(person)
            if names is not None:
                format, order = format_of_names(names, request.format, "named")
            yield Found(where, rows[order], format, image, fractions=True)


def world_landmarks(content: object) -> list[list[NDArray[np.float64]]]:
    """(33, 4) x, y, z (metres), visibility of the people of each image."""
    keys = _WORLD_KEYS if is_world(content) else _KEYS
    return [
        [landmark_rows("landmarks", person, ("x", "y", "z")) for person in people]
        for people in _images(content, keys)
    ]


def world_names(content: object) -> tuple[str, ...] | None:
    """The names of landmarks in space, if they have some of their own; ValueError for people with
    different ones."""
    keys = _WORLD_KEYS if is_world(content) else _KEYS
    named = {
        None if names is None else tuple(names)
        for people in _images(content, keys)
        for names in map(names_of_points, people)
    }
    if len(named) > 1:
        raise ValueError("landmarks: expected the same names of all people, got others")
    return next(iter(named), None)


def is_world(content: object, depth: int = 3) -> bool:
    """Whether a value holds landmarks in space by that name."""
    if isinstance(content, dict):
        return _landmarks_in(content, _WORLD_KEYS) is not None
    if isinstance(content, list) and depth:
        return any(is_world(each, depth - 1) for each in content[:1])
    return False


def landmark_rows(where: str, values: list[object], axes: tuple[str, ...]) -> NDArray[np.float64]:
    """[K, D + 1] of the coordinates and the visibility (1 without) of K landmarks."""
    rows = []
    for k, value in enumerate(values):
        landmark = object_of(f"{where}[{k}]", value)
        missing = set(axes) - landmark.keys()
        if missing:
            raise ValueError(f"{where}[{k}]: expected {min(missing)!r}, got none")
        visibility = landmark.get("visibility", landmark.get("score", 1.0))
        numbers = [*(landmark[axis] for axis in axes), visibility]
        rows.append(numbers_of(f"{where}[{k}]", numbers))
    return np.array(rows).reshape(-1, len(axes) + 1)


def _images(content: object, keys: tuple[str, ...]) -> list[list[list[object]]]:
    """The people of each image, each a list of landmarks."""
    if isinstance(content, list) and content and not _is_landmark(content[0]):
        return [_people(each, keys) for each in content]
    return [_people(content, keys)]


def _people(content: object, keys: tuple[str, ...]) -> list[list[object]]:
    if isinstance(content, dict):
        content = _with_names(content) if _is_by_name(content) else _landmarks_in(content, keys)
    if isinstance(content, dict):  # a list in a message of Protocol Buffers
        content = content.get("landmark", [])
    values = list_of("landmarks", content or [])
    if not values:
        return []
    if _is_landmark(values[0]):
        return [values]
    people = []
    for each in values:
        inner = each.get("landmark") if isinstance(each, dict) else each
        people.append(list_of("landmarks", inner or []))
    return people


def _landmarks_in(content: dict[str, object], keys: tuple[str, ...]) -> object:
    by_name = {key.replace("_", "").lower(): value for key, value in content.items()}
    return next((by_name[key] for key in keys if key in by_name), None)


def _is_by_name(content: dict[str, object]) -> bool:
    """Whether a mapping has the landmarks of a person by their names: NOSE, LEFT_EYE, ..."""
    return len(content) > 2 and all(_is_landmark(each) for each in content.values())


def _with_names(content: dict[str, object]) -> list[object]:
    return [{**each, "name": name} for name, each in content.items() if isinstance(each, dict)]


def _is_landmark(value: object) -> bool:
    return isinstance(value, dict) and {"x", "y"} <= value.keys()
