"""People in tables of DeepLabCut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..names import format_of_names
from . import deeplabcut_tables, sleap
from .found import Found, Request


def read_h5(path: Path, request: Request) -> Iterator[Found]:
    """Of DeepLabCut, or of SLEAP."""
    if sleap.is_analysis(path):
        return people_of_table(sleap.read_analysis(path), request, derived="sleap")
    return people_of_table(deeplabcut_tables.read_h5(path), request)


def people_of_table(
    table: deeplabcut_tables.Table, request: Request, derived: str = "deeplabcut"
) -> Iterator[Found]:
    """People of frame 0, of frame 1, ...; individuals without a keypoint are left out."""
    format, order = format_of_names(table.bodyparts, request.format, derived, what="bodyparts")
    for frame, people in enumerate(table.rows[:, :, order]):
        seen = [p for p, rows in enumerate(people) if (rows[:, 2] > 0).any()]
        if not seen:
            yield Found(f"frame {frame}", image=frame)
        for p in seen:
            where = f"frame {frame}" + (f" individual {p}" if len(people) > 1 else "")
            yield Found(where, people[p], format, frame)
