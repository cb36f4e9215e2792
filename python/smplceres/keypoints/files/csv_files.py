"""People in .csv files: a table of one person, or a row per frame or person."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...base.files.reading import load_text, parsing
from ..names import format_of_names
from . import deeplabcut_tables, wide_tables
from .deeplabcut import people_of_table
from .found import Found, Request
from .records import default_format

# Headers of the third number of a keypoint, in files of any layout.
CONFIDENCES = (
    *("confidence", "conf", "score", "scores", "likelihood", "visibility", "visible"),
    *("prob", "probability", "c", "v", "p", "s"),
)


def read_csv(path: Path, request: Request) -> Iterator[Found]:
    text, first = _load_text(path)
    if deeplabcut_tables.is_deeplabcut_csv(first):
        yield from people_of_table(deeplabcut_tables.read_csv(text), request)
        return
    header, lines = _load_csv(text)
    columns = wide_tables.columns_of(header, CONFIDENCES)
    if columns:
        yield from wide_tables.people_of_rows(header, lines, columns, request)
        return
    names, rows = _one_person(header, lines)
    if names is None:
        yield Found("keypoints", rows, request.format or default_format(rows))
    else:
        format, order = format_of_names(names, request.format, "csv", what="column name")
        yield Found("keypoints", rows[order], format)


def _load_text(path: Path) -> tuple[str, list[str]]:
    """A table's text, and the fields of its first line."""
    with parsing("comma-separated values in UTF-8"):
        text = with_commas(load_text(path))
        return text, next(csv.reader(io.StringIO(text, newline="")), [])


def with_commas(text: str) -> str:
    """A table whose fields are separated by semicolons, where decimals may have commas, or by tabs,
    with commas between fields."""
    header = text.partition("\n")[0]
    if "," in header or not ({";", "\t"} & set(header)):
        return text
    separator = max(";\t", key=header.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    written = io.StringIO(newline="")
    csv.writer(written).writerows([field.replace(",", ".") for field in row] for row in rows)
    return written.getvalue()


def _load_csv(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and the other lines with their numbers."""
    with parsing("comma-separated values"):
        reader = csv.reader(io.StringIO(text, newline=""))
        lines = [(reader.line_num, fields) for fields in reader if fields]
    header = [column.strip() for column in lines[0][1]] if lines else []
    for n, fields in lines[1:]:
        if len(fields) != len(header):
            raise ValueError(f"line {n}: expected {len(header)} columns, got {len(fields)}")
    return header, lines[1:]


def _one_person(
    header: list[str], lines: list[tuple[int, list[str]]]
) -> tuple[list[str] | None, NDArray[np.float64]]:
    """The first column, and [K, 3] of the last three; a row is a keypoint."""
    columns = [column.lower() for column in header]
    if columns[:1] and columns[0] in _INDICES:
        _check_indices(lines)
        header, columns = header[1:], columns[1:]
        lines = [(n, fields[1:]) for n, fields in lines]
    named = columns[:1] in (["name"], ["keypoint"], ["bodypart"], ["joint"])
    numbers = columns[1:] if named else columns
    if numbers[:2] != ["x", "y"] or not (
        numbers[2:] == [] or (len(numbers) == 3 and numbers[2] in CONFIDENCES)
    ):
        got = ",".join(columns)[:80]
        raise ValueError(
            "expected the header x,y,confidence or name,x,y,confidence, or columns such as "
            f"nose_x,nose_y, got {got!r}"
        )
    rows = np.array(
        [
            [csv_number(n, field) for field in fields[len(header) - len(numbers) :]]
            for n, fields in lines
        ]
    ).reshape(-1, len(numbers))
    if len(numbers) == 2:
        rows = np.column_stack([rows, np.ones(len(rows))])
    return [fields[0].strip() for _, fields in lines] if named else None, rows


# Headers of a column that counts keypoints.
_INDICES = ("", "id", "index", "idx", "keypoint_id", "keypoint_index", "landmark_id")


def _check_indices(lines: list[tuple[int, list[str]]]) -> None:
    first = int(csv_number(*_first(lines[0]))) if lines else 0
    for k, line in enumerate(lines):
        n, field = _first(line)
        if csv_number(n, field) != first + k or first not in (0, 1):
            raise ValueError(f"line {n}: expected the keypoint {first + k}, got {field[:40]!r}")


def _first(line: tuple[int, list[str]]) -> tuple[int, str]:
    return line[0], line[1][0]


def csv_number(line: int, field: str) -> float:
    """An empty field is NaN, which is valid for a missing keypoint."""
    try:
        number = float(field) if field.strip() else float("nan")
    except ValueError as error:
        raise ValueError(f"line {line}: expected a number, got {field[:40]!r}") from error
    return number
