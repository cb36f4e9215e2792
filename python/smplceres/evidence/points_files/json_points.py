"""Persons in space in JSON: CMU Panoptic, MediaPipe's world landmarks, Azure Kinect."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...base.files.json_files import load_json
from ...keypoints.files.content import flat_rows, kind_of, list_of, object_of, rows_of_lists
from ...keypoints.files.mediapipe_files import (
    is_landmarks,
    is_world,
    world_landmarks,
    world_names,
)
from ...keypoints.formats import MEDIAPIPE33
from .content import Floats, Points

# Order: Panoptic's joints19; the middle of the body is that of the hips.
_PANOPTIC19 = (
    *("neck", "nose", "pelvis", "left_shoulder", "left_elbow", "left_wrist", "left_hip"),
    *("left_knee", "left_ankle", "right_shoulder", "right_elbow", "right_wrist", "right_hip"),
    *("right_knee", "right_ankle", "left_eye", "left_ear", "right_eye", "right_ear"),
)
# Azure Kinect's joints that have another name than the body's.
_KINECT = {
    "SPINE_NAVEL": "spine2",
    "SPINE_CHEST": "spine3",
    "CLAVICLE_LEFT": "left_collar",
    "CLAVICLE_RIGHT": "right_collar",
    "SHOULDER_LEFT": "left_shoulder",
    "SHOULDER_RIGHT": "right_shoulder",
    "HIP_LEFT": "left_hip",
    "HIP_RIGHT": "right_hip",
}


def read_json(path: Path) -> Points:
    content = load_json(path, nan=True)
    if isinstance(content, dict) and "bodies" in content:
        return _panoptic(content)
    if isinstance(content, dict) and "frames" in content and "joint_names" in content:
        return _kinect(content)
    if is_world(content) or is_landmarks(content):
        return Points(world_landmarks(content), world_names(content) or MEDIAPIPE33.names, "m")
    raise ValueError(
        "expected CMU Panoptic ('bodies'), MediaPipe (world landmarks) or Azure Kinect ('frames', "
        f"'joint_names'), got {kind_of(content)}"
    )


def _panoptic(content: dict[str, object]) -> Points:
    people = []
    for i, value in enumerate(list_of("bodies", content["bodies"])):
        body = object_of(f"bodies[{i}]", value)
        if "joints19" not in body:
            raise ValueError(f"bodies[{i}]: expected 'joints19', got {kind_of(body)}")
        rows = flat_rows(f"bodies[{i}].joints19", body["joints19"], 4)
        people.append(_checked(rows, len(_PANOPTIC19), f"bodies[{i}].joints19"))
    return Points([people], _PANOPTIC19, "cm")


def _kinect(content: dict[str, object]) -> Points:
    names = tuple(str(name) for name in list_of("joint_names", content["joint_names"]))
    frames = []
    for f, value in enumerate(list_of("frames", content["frames"])):
        frame = object_of(f"frames[{f}]", value)
        people = []
        for i, each in enumerate(list_of(f"frames[{f}].bodies", frame.get("bodies", []))):
            where = f"frames[{f}].bodies[{i}].joint_positions"
            rows = rows_of_lists(where, object_of(where, each).get("joint_positions"))
            people.append(_checked(rows, len(names), where))
        frames.append(people)
    places: dict[str, str | tuple[str, ...] | None] = {
        name: _KINECT[name] for name in names if name in _KINECT
    }
    return Points(frames, names, "mm", places)


def _checked(rows: Floats, count: int, where: str) -> Floats:
    if len(rows) != count:
        raise ValueError(f"{where}: expected {count} points, got {len(rows)}")
    if rows.shape[1] == 4:  # a confidence of -1 is a missing point
        rows = np.where(rows[:, 3:] < 0, np.nan, rows)
    return rows
