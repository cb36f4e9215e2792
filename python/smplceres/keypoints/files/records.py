"""A person as an object of JSON with `keypoints`, as many programs write it.

Keypoints are a flat list x0, y0, c0, ... (COCO, AlphaPose), a list of [x, y, c] (MMPose 0.x), of
[x, y] beside their scores (MMPose, Hugging Face's ViTPose), or {"x": [...], "y": [...], "visible":
[...]} (YOLO).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..formats import COCO17, KeypointFormat
from .content import flat_rows, kind_of, list_of, numbers_of, object_of, rows_of_lists

# Keys of the scores beside [K, 2] positions.
_SCORES = ("keypoint_scores", "keypoints_scores", "keypoint_score", "scores", "confidences")


def rows_of_record(where: str, record: dict[str, object]) -> NDArray[np.float64]:
    """[K, 3] x, y, third number of each keypoint; [0, 3] for a person without keypoints."""
    keypoints, place = record.get("keypoints"), f"{where}.keypoints"
    if keypoints is None or keypoints in ([], {}):
        return np.zeros((0, 3))
    if isinstance(keypoints, dict):
        return _columns(place, keypoints)
    first = list_of(place, keypoints)[0]
    if not isinstance(first, list):
        return flat_rows(place, keypoints)
    if len(first) == 1 and isinstance(first[0], list):  # a batch of one
        return rows_of_record(where, record | {"keypoints": first})
    rows = rows_of_lists(place, keypoints)
    if rows.shape[1] == 3 and not any(key in record for key in _SCORES):
        return rows
    return _with_scores(where, rows, record)


def is_record(value: object) -> bool:
    """Whether a value is a person with keypoints and what belongs to them."""
    return isinstance(value, dict) and "keypoints" in value


# Max coordinate of normalised keypoints, which may leave the image a little.
_MAX_FRACTION = 1.5


def are_fractions(rows: NDArray[np.float64]) -> bool:
    """Whether coordinates of [K, 3] rows can only be fractions of the image."""
    places = np.nan_to_num(rows[:, :2])
    return bool(places.any() and (abs(places) <= _MAX_FRACTION).all())


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
    key = next((key for key in _SCORES if key in record), None)
    if key is None:
        raise ValueError(f"{where}: expected 'keypoint_scores', got {kind_of(record)}")
    scores = numbers_of(f"{where}.{key}", record[key])
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
