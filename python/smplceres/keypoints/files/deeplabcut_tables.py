"""DeepLabCut's tables of a video (Mathis et al., 2018): CSV, and HDF5 as pandas writes it.

A row is a frame. Columns have names of three or four rows: scorer, individuals (of several),
bodyparts, coords (x, y and, of predictions, likelihood). Nothing in a file is executed:
pandas stores names of columns as pickles, which `read_pickle` interprets.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...base.files.hdf5_files import Hdf5Group, open_hdf5
from ...base.files.pickle_reader import read_pickle
from ...base.files.reading import parsing

_LEVELS = ("scorer", "individuals", "bodyparts", "coords")


@dataclass(frozen=True, eq=False)
class Table:
    """Keypoints of a video.

    Attributes:
        bodyparts: K names, chosen by the user.
        rows: (F, P, K, 3) x, y (pixels), likelihood of F frames and P individuals; NaN if missing.
    """

    bodyparts: tuple[str, ...]
    rows: NDArray[np.float64]


def is_deeplabcut_csv(first_line: Sequence[str]) -> bool:
    """Whether the first line is that of a table of DeepLabCut."""
    return bool(first_line) and first_line[0].strip().lower() == "scorer"


def read_csv(text: str) -> Table:
    """Of a file's text; ValueError for another table."""
    with parsing("comma-separated values"):
        lines = [fields for fields in csv.reader(io.StringIO(text, newline="")) if fields]
    header = []
    while lines and lines[0][0].strip().lower() in _LEVELS:
        header.append(lines.pop(0))
    for fields in header:
        if len(fields) != len(header[0]):
            raise ValueError(f"{fields[0]}: expected {len(header[0])} columns, got {len(fields)}")
    names = [fields[0].strip().lower() for fields in header]
    # Labelled frames have the parts of a path in more than one column, without a name each.
    index = next((k for k, name in enumerate(header[-1]) if k and name.strip()), 1)
    columns = [
        {name: fields[k].strip() for name, fields in zip(names, header, strict=True)}
        for k in range(index, len(header[0]))
    ]
    for n, fields in enumerate(lines):
        if len(fields) != index + len(columns):
            raise ValueError(
                f"frame {n}: expected {index + len(columns)} columns, got {len(fields)}"
            )
    values = np.full((len(lines), len(columns)), np.nan)
    for n, fields in enumerate(lines):
        for k, field in enumerate(fields[index:]):
            if field.strip():
                try:
                    values[n, k] = float(field)
                except ValueError as error:
                    raise ValueError(f"frame {n}: expected a number, got {field[:40]!r}") from error
    return _table(columns, values)


def read_h5(path: Path) -> Table:
    """Of an HDF5 file.

    Raises:
        ImportError: h5py is missing.
        ValueError: another file.
    """
    with open_hdf5(path, "DeepLabCut's HDF5") as file, parsing("DeepLabCut's HDF5"):
        for group in file.groups():
            names = group.names()
            if "table" in names:
                return _of_table(group)
            if "block0_values" in names:
                return _of_blocks(group)
    raise ValueError("expected a table of DeepLabCut's in HDF5, got none")


def _of_table(group: Hdf5Group) -> Table:
    """pandas' format "table": columns as a pickled list of tuples."""
    axes: Any = read_pickle(bytes(group.attribute("non_index_axes")))
    names: Any = read_pickle(bytes(group.attribute("info")))
    levels = next(
        (
            value["names"]
            for value in _values(names)
            if isinstance(value, dict) and "names" in value
        ),
        None,
    )
    columns = [
        dict(zip(_texts(levels or _levels(len(one))), _texts(one), strict=True))
        for one in axes[0][1]
    ]
    return _table(columns, np.asarray(group.array("table")["values_block_0"], dtype=np.float64))


def _of_blocks(group: Hdf5Group) -> Table:
    """pandas' format "fixed": columns as labels of levels."""
    columns: list[dict[str, str]] = []
    for level in range(int(group.attribute("block0_items_nlevels"))):
        key = f"block0_items_level{level}"
        names = [_text(each) for each in group.array(key)]
        labels = group.array(f"block0_items_label{level}")
        columns = columns or [{} for _ in labels]
        for column, label in zip(columns, labels, strict=True):
            column[_text(group.attribute("name", key))] = names[label]
    return _table(columns, np.asarray(group.array("block0_values"), dtype=np.float64))


def _values(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else ()


def _levels(count: int) -> tuple[str, ...]:
    return _LEVELS if count == 4 else ("scorer", "bodyparts", "coords")


def _texts(values: Sequence[object]) -> list[str]:
    """Names of a pickle, whose tuples within tuples could take for ever to print or to hash."""
    if not all(isinstance(value, str) for value in values):
        raise ValueError("expected names of columns, got other values")
    return [str(value) for value in values]


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _table(columns: Sequence[dict[str, str]], values: NDArray[np.float64]) -> Table:
    if not columns or not all({"bodyparts", "coords"} <= column.keys() for column in columns):
        raise ValueError("expected rows scorer, bodyparts and coords above the frames, got others")
    # Points of a project that belong to no individual are not those of a body.
    whole = [column for column in columns if column.get("individuals") != "single"]
    individuals = list(dict.fromkeys(column.get("individuals", "") for column in whole))
    bodyparts = tuple(dict.fromkeys(column["bodyparts"] for column in whole))
    if len(individuals) * len(bodyparts) > len(whole):
        raise ValueError(
            f"bodyparts: expected the same {len(bodyparts)} of {len(individuals)} individuals, got "
            f"{len(whole)} columns"
        )
    rows = np.full((len(values), len(individuals), len(bodyparts), 3), np.nan)
    rows[..., 2] = 1.0  # labelled by hand, without likelihood
    places = {"x": 0, "y": 1, "likelihood": 2}
    for k, column in enumerate(columns):
        if column.get("individuals") == "single":
            continue
        if column["coords"] not in places:
            raise ValueError(f"coords: expected x, y and likelihood, got {column['coords']!r}")
        person = individuals.index(column.get("individuals", ""))
        rows[:, person, bodyparts.index(column["bodyparts"]), places[column["coords"]]] = values[
            :, k
        ]
    nowhere = ~np.isfinite(rows).all(axis=-1)
    rows[nowhere, 2] = 0.0
    return Table(bodyparts, rows)
