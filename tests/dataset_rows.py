"""Parquet files of keypoints, and runs of the program on them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import smplceres as sc

CAMERA = sc.Camera(fx=900, fy=900, cx=319.5, cy=239.5, width=640, height=480)
FORMAT = sc.FORMATS["openpose_body25"]
PATCHED = Path(__file__).parent / "dataset" / "patched"
# Ray's start on a busy machine.
PATIENT = {"RAY_raylet_start_wait_time_s": "300"}
# Of `patched`: keypoints whose first x is this end the process.
FATAL_X = 4321.0


def people(count: int, seed: int = 0) -> np.ndarray:
    """[count, 25, 3] of a body that turns, moves and bends a little, with noise of a pixel."""
    model, rng = sc.load_body_model(), np.random.default_rng(seed)
    points, numbers, _ = model.keypoint_points(FORMAT)
    rows = []
    for _ in range(count):
        pose = model.parameters(
            rng.normal(0, 0.5, 10),
            [np.pi, rng.uniform(-1, 1), 0],
            rng.normal(0, 0.1, (23, 3)),
            [rng.normal(0, 0.2), 0.1, 4.0],
        )
        seen = points.evaluate(model._core, **pose)[np.array(numbers)]
        xy = CAMERA.project(seen) + rng.normal(0, 1, (25, 2))
        rows.append(np.column_stack([xy, np.full(25, 0.9)]))
    return np.array(rows, dtype=np.float32)


def fixed(rows: np.ndarray) -> pa.Array:
    """A fixed-size list for each row."""
    size = rows[0].size
    return pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), size)


def with_camera(columns: dict) -> pa.Table:
    """A table with the columns of `CAMERA`."""
    count = len(next(iter(columns.values())))
    names = ("fx", "fy", "cx", "cy", "width", "height")
    return pa.table(columns | {name: [getattr(CAMERA, name)] * count for name in names})


def write_rows(path: Path, rows: np.ndarray, *, first_id: int = 0, group: int = 7) -> Path:
    """A file of keypoints with ids and cameras."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ids = np.arange(first_id, first_id + len(rows))
    pq.write_table(
        with_camera({"row_id": ids, "keypoints": fixed(rows)}), path, row_group_size=group
    )
    return path


def environment(patched: bool = False) -> dict[str, str]:
    more = {"FATAL_X": str(FATAL_X), "PYTHONPATH": str(PATCHED)} if patched else {}
    return os.environ | PATIENT | more


def start(*arguments, patched: bool = False) -> subprocess.Popen:
    """`smplceres dataset`, running."""
    return subprocess.Popen(
        [sys.executable, "-m", "smplceres", "dataset", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(patched),
    )


def run(*arguments, patched: bool = False) -> subprocess.CompletedProcess:
    """`smplceres dataset`, ended."""
    process = start(*arguments, patched=patched)
    out, error = process.communicate(timeout=300)
    return subprocess.CompletedProcess(process.args, process.returncode, out, error)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """The content of all Parquet files of a folder, by their names."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")
    }


def table_of(folder: Path) -> pa.Table:
    return pq.read_table(folder).sort_by([("source", "ascending"), ("source_row", "ascending")])
