"""Rows of keypoints for the measurements, and commands that fit them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import smplceres as sc

FORMAT = sc.FORMATS["openpose_body25"]
CAMERA = sc.Camera(fx=1000, fy=1000, cx=499.5, cy=499.5, width=1000, height=1000)
NOISE_PX = 2.0
PATCHED = Path(__file__).parent / "patched"


def keypoints(data: Path, count: int, seed: int = 0) -> np.ndarray:
    """[count, 25, 3] of recorded poses that face anywhere, 4 m away."""
    with np.load(data / "mocap" / "val.npz") as file:
        poses = file["poses"][~file["suspect"]].astype(np.float64)
    model, rng = sc.load_body_model(), np.random.default_rng(seed)
    points, numbers, _ = model.keypoint_points(FORMAT)
    rows = np.ones((count, 25, 3), dtype=np.float32)
    for row in rows:
        pose = poses[rng.integers(len(poses))]
        turned = [np.pi, rng.uniform(-np.pi, np.pi), 0]
        place = [rng.normal(0, 0.3), 0, 4]
        parameters = model.parameters(rng.normal(0, 1, 10), turned, pose[1:], place)
        seen = points.evaluate(model._core, **parameters)[np.array(numbers)]
        row[:, :2] = CAMERA.project(seen) + rng.normal(0, NOISE_PX, (25, 2))
    return rows


def write_rows(
    path: Path, rows: np.ndarray, group: int = 20_000, formats: list[str] | None = None
) -> None:
    flat = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows[0].size)
    columns = {"row_id": np.arange(len(rows)), "keypoints": flat}
    if formats is not None:
        columns["keypoint_format"] = formats
    for name in ("fx", "width", "height"):
        columns[name] = np.full(len(rows), getattr(CAMERA, name))
    pq.write_table(pa.table(columns), path, row_group_size=group)


def command(source: Path, out: Path, *more: object) -> list[str]:
    """`smplceres dataset`."""
    arguments = ("dataset", source, out, "--quiet", *more)
    return [sys.executable, "-m", "smplceres", *map(str, arguments)]


def patched(**settings: object) -> dict[str, str]:
    """An environment in which every Python runs `patched/sitecustomize.py`."""
    values = {name: str(value) for name, value in settings.items()}
    return os.environ | values | {"PYTHONPATH": str(PATCHED)}


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")
    }
