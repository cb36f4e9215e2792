"""Calibrations in JSON: lists of cameras (CMU Panoptic, AIST++), and mappings of tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...base.files.json_files import load_json
from .tables import Table, has_intrinsics, name_of

# Keys of CMU Panoptic's cameras, whose translations are in centimetres.
_PANOPTIC = {"panel", "node"}
# Keys of the cameras of Shelf and Campus as VoxelPose has them: T is the place of the camera,
# millimetres, k has three and p two numbers of the distortion.
_VOXELPOSE = {"R", "T", "fx", "fy", "cx", "cy", "k", "p"}


def load(path: Path) -> dict[str, Any]:
    content = load_json(path)
    if isinstance(content, list):
        return {"cameras": content}
    if not isinstance(content, dict):
        raise ValueError(f"expected an object, got {type(content).__name__}")
    return content


def cameras_of(content: dict[str, Any]) -> dict[str, Table] | None:
    """The tables of `cameras`, a list or a mapping, by their names; None without."""
    cameras = content.get("cameras", content.get("calibration"))
    if cameras is None and _are_voxelposes(content):
        return {name: _voxelpose(table) for name, table in content.items()}
    if isinstance(cameras, list):
        cameras = {
            str(name_of(each) if isinstance(each, dict) else i): each
            for i, each in enumerate(cameras)
        }
    if not isinstance(cameras, dict):
        return None
    tables: dict[str, Table] = {}
    for i, (key, table) in enumerate(cameras.items()):
        if not isinstance(table, dict) or not has_intrinsics(table):
            raise ValueError(f"cameras[{i}]: expected an object with K, got {table!r:.60}")
        known = {"unit": "cm"} if table.keys() >= _PANOPTIC else {}
        tables[key] = {name: value for name, value in table.items() if name != "type"} | known
    return tables


def _are_voxelposes(content: dict[str, Any]) -> bool:
    return bool(content) and all(
        isinstance(each, dict) and each.keys() >= _VOXELPOSE for each in content.values()
    )


def _voxelpose(table: dict[str, Any]) -> Table:
    """x_camera = R (X - T)."""
    try:
        rotation, place = (np.array(table[key], dtype=np.float64) for key in "RT")
        translation = -rotation.reshape(3, 3) @ place.reshape(3)
    except (TypeError, ValueError) as error:
        raise ValueError(f"R, T: expected numbers [3, 3] and [3], got others ({error})") from error
    known = {key: value for key, value in table.items() if key not in ("R", "T", "k", "p")}
    return known | {
        "rotation": rotation.tolist(),
        "translation": translation.tolist(),
        "radial_distortion": table["k"],
        "tangential_distortion": table["p"],
        "unit": "mm",
    }
