"""The units of an input: which rows of which row group each fits, and the name of its file."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from ...base.files.reading import one_line
from .arrow import pq
from .store import Store

SUFFIX = ".parquet"
# Footers that are read at once, mostly waiting for a store.
_READERS = 16


class Unit(NamedTuple):
    """Rows of a row group of an input file.

    Attributes:
        source: name of the file, relative to the input folder.
        footer: SHA-256 of the file's footer, which changes with the content of the file.
        row_group: its number in the file.
        first: its first row in the row group.
        rows: number of rows.
        source_row: its first row in the file.
    """

    source: str
    footer: str
    row_group: int
    first: int
    rows: int
    source_row: int

    @property
    def name(self) -> str:
        """Of the unit's file in the folder of outputs."""
        stem = self.source.removesuffix(SUFFIX)
        return f"{stem}/{self.row_group:05d}-{self.first:08d}{SUFFIX}"


class InputFile(NamedTuple):
    """A Parquet file of an input.

    Attributes:
        name: relative to the input folder.
        schema: of Arrow.
        footer: SHA-256 of the footer.
        group_rows: rows of each row group.
    """

    name: str
    schema: Any
    footer: str
    group_rows: tuple[int, ...]

    def units(self, rows_per_unit: int) -> Iterator[Unit]:
        """Its units, in the order of its rows."""
        begin = 0
        for group, rows in enumerate(self.group_rows):
            for first in range(0, rows, rows_per_unit):
                count = min(rows_per_unit, rows - first)
                yield Unit(self.name, self.footer, group, first, count, begin + first)
            begin += rows


def source_of(store: Store) -> tuple[Store, list[str]]:
    """The folder and the names of the Parquet files of an input, a file or a folder.

    Raises:
        FileNotFoundError: neither is there.
        ValueError: a folder without Parquet files.
    """
    if store.is_file():
        folder, _, name = store.root.rpartition("/")
        return Store(folder or "/", store.fs), [name]
    names = list(store.files(SUFFIX))
    if not names:
        raise ValueError(
            f"source: expected a Parquet file or a folder of them, found none at {store}"
        )
    return store, names


def read_inputs(store: Store, names: Sequence[str]) -> list[InputFile]:
    """The footers of files.

    Raises:
        OSError: a file cannot be read.
        ValueError: a file is no Parquet; names it.
    """
    with ThreadPoolExecutor(_READERS) as pool:
        return list(pool.map(lambda name: _read_input(store, name), names))


def _read_input(store: Store, name: str) -> InputFile:
    try:
        with store.open(name) as file, pq.ParquetFile(file) as parquet:
            metadata = parquet.metadata
            rows = tuple(metadata.row_group(i).num_rows for i in range(metadata.num_row_groups))
            return InputFile(name, parquet.schema_arrow, footer_digest(metadata), rows)
    except (ValueError, OSError) as error:
        if isinstance(error, OSError) and error.filename is not None:
            raise
        raise ValueError(
            f"{store.path(name)}: expected a Parquet file, got another or a damaged one "
            f"({one_line(error)})"
        ) from error


def footer_digest(metadata: Any) -> str:
    """SHA-256 of a footer, which has the place, the size and the extremes of each column chunk."""
    footer = io.BytesIO()
    metadata.write_metadata_file(footer)
    return hashlib.sha256(footer.getvalue()).hexdigest()
