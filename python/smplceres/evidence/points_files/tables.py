"""Persons in space in .csv files with columns left_knee_x, left_knee_y, ..., and in .npy."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np

from ...base.files.npz_files import load_npy
from ...base.files.reading import load_text, parsing
from ...keypoints.files.csv_files import with_commas
from .content import Points

_COLUMN = re.compile(r"(?P<name>.+)[_.:\- ](?P<axis>[xyz])", re.IGNORECASE)


def read_csv(path: Path) -> Points:
    """A row per frame of one person."""
    with parsing("comma-separated values in UTF-8"):
        text = with_commas(load_text(path))
        header, *lines = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    columns: dict[str, dict[str, int]] = {}
    for k, column in enumerate(header):
        match = _COLUMN.fullmatch(column.strip())
        if match is not None:
            columns.setdefault(match["name"], {})[match["axis"].lower()] = k
    names = tuple(name for name, axes in columns.items() if len(axes) == 3)
    if not names:
        got = ",".join(header)[:80]
        raise ValueError(
            f"expected columns such as left_knee_x,left_knee_y,left_knee_z, got {got!r}"
        )
    order = [columns[name][axis] for name in names for axis in "xyz"]
    frames = []
    for number, row in enumerate(lines, start=2):
        if len(row) != len(header):
            raise ValueError(f"line {number}: expected {len(header)} columns, got {len(row)}")
        try:
            values = [float(row[k]) if row[k].strip() else np.nan for k in order]
        except ValueError as error:
            raise ValueError(f"line {number}: expected numbers, got others ({error})") from error
        frames.append([np.array(values).reshape(-1, 3)])
    return Points(frames, names)


def read_npy(path: Path) -> Points:
    """[K, 3 or 4], [F, K, 3 or 4] of one person, or [F, P, K, 3 or 4]."""
    array = load_npy(path)
    shape = list(array.shape)
    if len(shape) not in (2, 3, 4) or shape[-1] not in (3, 4) or array.dtype.kind not in "fiu":
        raise ValueError(f"expected numbers [F, K, 3 or 4], got {shape} of {array.dtype}")
    frames = array.reshape((1,) * (len(shape) == 2) + array.shape).astype(np.float64)
    people = frames if len(shape) == 4 else frames[:, None]
    return Points([list(frame) for frame in people])
