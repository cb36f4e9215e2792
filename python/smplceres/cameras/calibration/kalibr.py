"""Kalibr's chain of cameras: cam0, cam1, ... each with the pose in the frame of the one before."""

from __future__ import annotations

from typing import Any

import numpy as np

from .tables import Table


def is_kalibr(content: dict[Any, Any]) -> bool:
    return isinstance(content.get("cam0"), dict) and "intrinsics" in content["cam0"]


def tables(content: dict[Any, Any]) -> dict[str, Table]:
    """The world is the frame of cam0."""
    cameras: dict[str, Table] = {}
    pose = np.eye(4)
    for name, values in content.items():
        if not isinstance(values, dict) or "intrinsics" not in values:
            continue
        if "T_cn_cnm1" not in values and cameras:
            raise ValueError(
                f"{name}: expected T_cn_cnm1, the pose from the camera before, got none"
            )
        if "T_cn_cnm1" in values:
            try:
                step = np.array(values["T_cn_cnm1"], dtype=np.float64)
            except (TypeError, ValueError) as error:
                raise ValueError(f"{name}: T_cn_cnm1: expected numbers ({error})") from error
            if step.shape != (4, 4):
                raise ValueError(f"{name}: T_cn_cnm1: expected [4, 4], got {list(step.shape)}")
            pose = step @ pose
        cameras[str(name)] = {
            **{key: value for key, value in values.items() if not str(key).startswith("T_")},
            "rotation": pose[:3, :3].tolist(),
            "translation": pose[:3, 3].tolist(),
        }
    return cameras
