"""Tables with a row per frame or person and columns for each keypoint: nose_x, nose_y, nose_score.

Beside these a table may have columns that number frames or images, and people or tracks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..formats import KeypointFormat
from ..names import format_of_names
from .found import Found, Request
from .records import default_format

# Columns of the frame or image of a row.
_FRAMES = (
    "frame",
    "frameidx",
    "frameid",
    "frameindex",
    "framenumber",
    "image",
    "imageid",
    "filename",
)

# Keypoint -> columns of x, y, confidence (None: without).
Columns = dict[str, tuple[int, int, int | None]]


def columns_of(header: Sequence[str], confidences: Sequence[str]) -> Columns:
    """The columns of each keypoint that a header has; empty for a table of another layout."""
    kinds = {"x": 0, "y": 1, **dict.fromkeys(confidences, 2)}
    kind = "(?P<kind>" + "|".join(sorted(kinds, key=len, reverse=True)) + ")"
    layouts = [  # nose_x, x1, x_nose
        re.compile(layout, re.IGNORECASE)
        for layout in (
            rf"(?P<name>.+)[_.:\- ]{kind}",
            rf"{kind}(?P<name>\d+)",
            rf"{kind}[_.:\- ](?P<name>.+)",
        )
    ]
    found: dict[str, dict[int, int]] = {}
    for k, column in enumerate(header):
        match = next(filter(None, (layout.fullmatch(column) for layout in layouts)), None)
        if match is not None:
            axes = found.setdefault(match["name"].strip(), {})
            axes.setdefault(kinds[match["kind"].lower()], k)
    whole = {
        name: (kinds[0], kinds[1], kinds.get(2))
        for name, kinds in found.items()
        if {0, 1} <= kinds.keys()
    }
    return whole if len(whole) > 1 else {}


def people_of_rows(
    header: Sequence[str],
    lines: Sequence[tuple[int, Sequence[str]]],
    columns: Columns,
    request: Request,
) -> Iterator[Found]:
    names = list(columns)
    format, order = _format(names, request.format)
    frame = next(
        (k for k, column in enumerate(header) if re.sub("[^a-z]", "", column.lower()) in _FRAMES),
        None,
    )
    for i, (n, fields) in enumerate(lines):
        rows = _rows(n, fields, columns)[order]
        image: str | int = i if frame is None else _image(fields[frame])
        if np.isfinite(rows[:, :2]).all(axis=1).any():
            yield Found(f"line {n}", rows, format, image)
        else:
            yield Found(f"line {n}", image=image)


def _format(
    names: list[str], chosen: KeypointFormat | None
) -> tuple[KeypointFormat | None, list[int]]:
    in_order = list(range(len(names)))
    if all(name.isdecimal() for name in names):  # x0, y0, x1, ...
        return chosen or default_format(np.zeros((len(names), 3))), in_order
    return format_of_names(names, chosen, "csv", what="columns")


def _rows(n: int, fields: Sequence[str], columns: Columns) -> NDArray[np.float64]:
    def number(k: int) -> float:
        try:
            return float(fields[k]) if fields[k].strip() else np.nan
        except ValueError as error:
            raise ValueError(f"line {n}: expected a number, got {fields[k][:40]!r}") from error

    rows = [
        [number(x), number(y), 1.0 if confidence is None else number(confidence)]
        for x, y, confidence in columns.values()
    ]
    placed = np.array(rows)
    placed[np.isnan(placed[:, :2]).any(axis=1), 2] = 0
    return placed


def _image(field: str) -> str | int:
    """The number or name of an image; 3.0 is 3."""
    match = re.fullmatch(r"\s*(\d+)(\.0*)?\s*", field)
    return int(match[1]) if match else field.strip()
