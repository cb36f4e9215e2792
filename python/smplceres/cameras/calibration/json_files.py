"""Calibrations in JSON: CMU Panoptic's list of cameras, and mappings of tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...base.files.json_files import load_json
from .tables import Table, has_intrinsics, name_of

# Keys of CMU Panoptic's cameras, whose translations are in centimetres.
_PANOPTIC = {"panel", "node"}


def load(path: Path) -> dict[str, Any]:
    content = load_json(path)
    if not isinstance(content, dict):
        raise ValueError(f"expected an object, got {type(content).__name__}")
    return content


def cameras_of(content: dict[str, Any]) -> dict[str, Table] | None:
    """The tables of `cameras`, a list or a mapping, by their names; None without."""
    cameras = content.get("cameras", content.get("calibration"))
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
