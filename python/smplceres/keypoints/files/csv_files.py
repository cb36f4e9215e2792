"""People in .csv files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..formats import FORMATS, KeypointFormat
from . import deeplabcut_tables
from .content import Seen, person_of
from .deeplabcut import people_of_table


def read_csv(path: Path, chosen: KeypointFormat | None) -> Iterator[Seen]:
    text, first = _load_text(path)
    if deeplabcut_tables.is_deeplabcut_csv(first):
        yield from people_of_table(deeplabcut_tables.read_csv(text), chosen, path)
        return
    header, names, rows = _load_csv(text)
    if "name" not in header:
        yield person_of(path, "keypoints", rows, chosen)
    else:
        format = _format_of_names(names, chosen)
        rows = rows[[names.index(name) for name in format.names]]
        yield person_of(path, "keypoints", rows, format)


def _load_text(path: Path) -> tuple[str, list[str]]:
    """A table's text, and the fields of its first line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return text, next(csv.reader(io.StringIO(text, newline="")), [])
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"expected comma-separated values in UTF-8 ({error})") from error


def _load_csv(text: str) -> tuple[list[str], list[str], NDArray[np.float64]]:
    """The header, the first column, and [K, 3] of the last three."""
    try:
        reader = csv.reader(io.StringIO(text, newline=""))
        lines = [(reader.line_num, fields) for fields in reader if fields]
    except csv.Error as error:
        raise ValueError(f"expected comma-separated values in UTF-8 ({error})") from error
    header = [column.strip().lower() for column in lines[0][1]] if lines else []
    if header not in (["x", "y", "confidence"], ["name", "x", "y", "confidence"]):
        got = ",".join(header)[:80]
        raise ValueError(f"expected the header x,y,confidence or name,x,y,confidence, got {got!r}")
    for n, fields in lines:
        if len(fields) != len(header):
            raise ValueError(f"line {n}: expected {len(header)} columns, got {len(fields)}")
    names = [fields[0].strip() for _, fields in lines[1:]]
    rows = [[_csv_number(n, field) for field in fields[-3:]] for n, fields in lines[1:]]
    return header, names, np.array(rows).reshape(-1, 3)


def _csv_number(line: int, field: str) -> float:
    """An empty field is NaN, which is valid for a missing keypoint."""
    try:
        return float(field) if field.strip() else float("nan")
    except ValueError as error:
        raise ValueError(f"line {line}: expected a number, got {field[:40]!r}") from error


def _format_of_names(names: list[str], chosen: KeypointFormat | None) -> KeypointFormat:
    for format in (chosen,) if chosen else FORMATS.values():
        if sorted(names) == sorted(format.names):
            return format
    expected = chosen.name if chosen else f"one of {', '.join(FORMATS)}"
    raise ValueError(f"column name: expected the keypoints of {expected}, got {', '.join(names)}")
