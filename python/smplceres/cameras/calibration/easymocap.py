"""EasyMocap's calibration: K_1, dist_1, H_1, W_1 of camera 1 in intri.yml, R_1 and T_1 in
extri.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...base.files.yaml_files import load_yaml
from .tables import Table

# The numbers of a camera by their names in the files. Rot is R as a matrix.
_INTRINSICS = {"K": "K", "dist": "dist", "D": "D", "W": "width", "H": "height"}
_EXTRINSICS = {"Rot": "rotation", "R": "rvec", "T": "tvec"}
_FILES = {"intri": "extri", "extri": "intri"}


def is_easymocap(content: dict[Any, Any]) -> bool:
    names = content.get("names")
    return isinstance(names, list) and any(
        f"{key}_{name}" in content for name in names for key in ("K", "R")
    )


def tables(content: dict[Any, Any], path: Path) -> dict[str, Table]:
    """Of either file, with the other one beside it; without extri.yml cameras have no pose."""
    both = dict(content)
    for this, other in _FILES.items():
        beside = path.with_name(path.name.replace(this, other))
        if this in path.name and beside.is_file():
            more = load_yaml(beside)
            if not isinstance(more, dict):
                raise ValueError(f"{beside}: expected a mapping, got {type(more).__name__}")
            both |= more
    placed = [name for name in content["names"] if f"T_{name}" in both]
    unplaced = [name for name in content["names"] if f"T_{name}" not in both]
    if placed and unplaced:
        raise ValueError(f"T_{unplaced[0]}: expected a pose of every camera, got none of this one")
    cameras: dict[str, Table] = {}
    for name in map(str, content["names"]):
        values = {
            ours: both[f"{theirs}_{name}"]
            for theirs, ours in (_INTRINSICS | _EXTRINSICS).items()
            if f"{theirs}_{name}" in both
        }
        if "rvec" in values:
            values.pop("rotation", None)
        # Sizes that were not known are -1.
        cameras[name] = {
            key: value
            for key, value in values.items()
            if key not in ("width", "height") or value != -1
        }
    return cameras
