"""Keypoints of made-up numbers, and files of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smplceres.keypoint_formats import FORMATS, KeypointFormat
from smplceres.keypoints.keypoints import Keypoints


def rows_of(num_keypoints: int, seed: int = 0) -> NDArray[np.float64]:
    """[K, 3] places within 640 x 480 and confidences from 0.1 to 1."""
    return np.random.default_rng(seed).uniform([0, 0, 0.1], [640, 480, 1], (num_keypoints, 3))


def write(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def openpose(*people: NDArray[np.float64], key: str = "pose_keypoints_2d") -> dict[str, Any]:
    return {"version": 1.3, "people": [{key: rows.ravel().tolist()} for rows in people]}


def assert_holds(person: Keypoints, rows: NDArray[np.float64], format: str) -> None:
    assert person.format is FORMATS[format]
    np.testing.assert_array_equal(person.xy, rows[:, :2])
    np.testing.assert_array_equal(person.confidence, rows[:, 2])


def csv_with_names(format: KeypointFormat, rows: NDArray[np.float64]) -> list[str]:
    lines = [f"{n},{x},{y},{c}" for n, (x, y, c) in zip(format.names, rows, strict=True)]
    return ["Name, X, Y, Confidence", *lines]
