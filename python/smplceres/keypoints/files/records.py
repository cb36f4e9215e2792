"""A person as an object of JSON with `keypoints`, as many programs write it.

Keypoints are a flat list x0, y0, c0, ... (COCO, AlphaPose), a list of [x, y, c] (MMPose 0.x), of
[x, y] beside their scores (MMPose, Hugging Face's ViTPose), {"x": [...], "y": [...], "visible":
[...]} (YOLO), or a list of {"x": ..., "y": ..., "score": ..., "name": ...} (TensorFlow.js).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..formats import COCO17, KeypointFormat
from ..names import format_of_names
from .content import flat_rows, kind_of, list_of, numbers_of, object_of, rows_of_lists

# Keys of the scores beside [K, 2] positions.
_SCORES = (
    *("keypoint_scores", "keypoints_scores", "keypoint_score", "scores", "confidences"),
    "keypoints_visible",
)
# Keys of the score of a keypoint that is an object.
_SCORE = ("score", "confidence", "visibility", "c")


def rows_of_record(where: str, record: dict[str, object]) -> NDArray[np.float64]:
    """[K, 3] x, y, third number of each keypoint; [0, 3] for a person without keypoints."""
    keypoints, place = record.get("keypoints"), f"{where}.keypoints"
    if keypoints is None or keypoints in ([], {}):
        return np.zeros((0, 3))
    if isinstance(keypoints, dict):
        return _columns(place, keypoints)
    items = list_of(place, keypoints)
    first = items[0]
    if not isinstance(first, list):
        return _points(place, items) if isinstance(first, dict) else flat_rows(place, keypoints)
    if len(items) == 1 and first and isinstance(first[0], list):  # a batch of one
        return rows_of_record(where, record | {"keypoints": first})
    rows = rows_of_lists(place, keypoints)
    if rows.shape[1] == 3 and not any(key in record for key in _SCORES):
        return rows
    return _with_scores(where, rows, record)


def _points(where: str, points: list[object]) -> NDArray[np.float64]:
    rows = []
    for k, each in enumerate(points):
        point = object_of(f"{where}[{k}]", each)
        missing = {"x", "y"} - point.keys()
        if missing:
            raise ValueError(f"{where}[{k}]: expected {min(missing)!r}, got {kind_of(point)}")
        score = next((point[key] for key in _SCORE if key in point), 1.0)
        rows.append(numbers_of(f"{where}[{k}]", [point["x"], point["y"], score]))
    return np.stack(rows)


def names_of_record(
    record: dict[str, object], chosen: KeypointFormat | None
) -> tuple[KeypointFormat, list[int]] | None:
    """The format and the order of keypoints that have names of their own; None without."""
    names = names_of_points(record.get("keypoints"))
    return None if names is None else format_of_names(names, chosen, "named")


def names_of_points(points: object) -> list[str] | None:
    """The names of a list of points, where all have one."""
    if not isinstance(points, list):
        return None
    keys = ("name", "part")
    named = [
        next((p[key] for key in keys if key in p), None) for p in points if isinstance(p, dict)
    ]
    names = [name for name in named if isinstance(name, str)]
    return names if len(names) == len(points) > 0 else None


def is_record(value: object) -> bool:
    """Whether a value is a person with keypoints and what belongs to them."""
    return isinstance(value, dict) and "keypoints" in value


def default_format(rows: NDArray[np.float64]) -> KeypointFormat | None:
    """The format of detectors of 17 keypoints, if nothing states one; None: by the number."""
    return COCO17 if len(rows) == COCO17.num_keypoints else None


def _columns(where: str, keypoints: dict[str, object]) -> NDArray[np.float64]:
    missing = {"x", "y"} - keypoints.keys()
    if missing:
        raise ValueError(f"{where}: expected {min(missing)!r}, got {kind_of(keypoints)}")
    x, y = (numbers_of(f"{where}.{name}", keypoints[name]) for name in "xy")
    seen = keypoints.get("visible", keypoints.get("visibility"))
    confidence = np.ones(len(x)) if seen is None else numbers_of(f"{where}.visible", seen)
    if not len(x) == len(y) == len(confidence):
        raise ValueError(
            f"{where}: expected as many y and visible as x, {len(x)}, got {len(y)} and "
            f"{len(confidence)}"
        )
    if seen is None:  # where YOLO finds no keypoint it writes 0, 0
        confidence[(x == 0) & (y == 0)] = 0
    return np.column_stack([x, y, confidence])


def _with_scores(
    where: str, rows: NDArray[np.float64], record: dict[str, object]
) -> NDArray[np.float64]:
    if rows.shape[1] != 2:
        raise ValueError(f"{where}.keypoints: expected [K, 2], got points of another length")
    key = next((key for key in _SCORES if record.get(key) is not None), None)
    if key is None:
        raise ValueError(f"{where}: expected 'keypoint_scores', got {kind_of(record)}")
    given = list_of(f"{where}.{key}", record[key])
    if len(given) == 1 and isinstance(given[0], list):  # a batch of one
        given = given[0]
    scores = numbers_of(f"{where}.{key}", given)
    if len(scores) != len(rows):
        raise ValueError(
            f"{where}.{key}: expected {len(rows)}, one per keypoint, got {len(scores)}"
        )
    # Scores of SimCC are slightly below 0 for missing keypoints.
    return _by_labels(where, np.column_stack([rows, np.fmax(scores, 0)]), record)


def _by_labels(
    where: str, rows: NDArray[np.float64], record: dict[str, object]
) -> NDArray[np.float64]:
    """ViTPose's `labels` are the indices of the keypoints above a threshold."""
    if "labels" not in record:
        return rows
    labels = numbers_of(f"{where}.labels", record["labels"])
    count = max(COCO17.num_keypoints, len(rows))
    if len(labels) != len(rows) or not np.isin(labels, np.arange(count)).all():
        raise ValueError(f"{where}.labels: expected indices of {count} keypoints, got others")
    placed = np.zeros((count, 3))
    placed[labels.astype(int)] = rows
    return placed


def record_of(where: str, value: object) -> dict[str, object]:
    """An object with `keypoints`; ValueError for another."""
    record = object_of(where, value)
    if "keypoints" not in record:
        raise ValueError(f"{where}: expected 'keypoints', got {kind_of(record)}")
    return record
