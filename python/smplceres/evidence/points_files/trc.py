"""Tracks of markers or joints in .trc files, as OpenSim and Pose2Sim have them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...base.files.reading import load_text
from .content import Floats, Points


def read_trc(path: Path) -> Points:
    """Lines: kind of file, names and values of the rates, names of the markers, axes, frames."""
    lines = load_text(path).splitlines()
    if len(lines) < 5 or not lines[0].startswith("PathFileType"):
        raise ValueError("expected a .trc file, which begins with PathFileType, got another")
    header = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=False))
    unit = header.get("Units", "").strip().lower() or None
    labels = (name.strip() for name in lines[3].split("\t")[2:])
    names = tuple(label.rpartition(":")[2] for label in labels if label)  # subject:name
    frames = []
    for number, line in enumerate(lines[5:], start=6):
        fields = line.split("\t")
        if len(line.split()) > 2:
            frames.append([_row(number, fields, len(names))])
    return Points(frames, names, unit)


def _row(number: int, fields: list[str], count: int) -> Floats:
    values = [field.strip() for field in fields[2 : 2 + 3 * count]]
    values += [""] * (3 * count - len(values))
    try:
        numbers = [float(value) if value else np.nan for value in values]
    except ValueError as error:
        raise ValueError(f"line {number}: expected numbers, got others ({error})") from error
    return np.array(numbers).reshape(count, 3)
