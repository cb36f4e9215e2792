"""Reading the rows of units: forwards through a row group, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .arrow import pa, pq
from .columns import InputColumns
from .plan import Unit, footer_digest
from .store import Store

# Bytes of a column that are read at once: a column of a row group may be larger than memory.
_BUFFER = 1 << 20
_BATCH_ROWS = 1000


class UnitReader:
    """Reads units of files, each a record batch. Not for several threads at once.

    Rows before a unit in its row group must be decoded and dropped, so a reader keeps its place:
    units in the order of their rows cost each row once.
    """

    def __init__(self, store: Store, columns: InputColumns) -> None:
        self._store, self._columns = store, columns
        self._unit: Unit | None = None
        self._batch: Any = None
        self._file: Any = None
        self._at: tuple[str, str, int] | None = None
        self._row = 0
        self._batches: Iterator[Any] = iter(())
        self._left: list[Any] = []

    def read(self, unit: Unit) -> Any:
        """The rows of a unit.

        Raises:
            OSError: the file cannot be read.
        ValueError: it has changed since the run began, or pyarrow has no way to read it, as lists
            of fixed size with nulls.
        """
        if unit != self._unit:
            try:
                self._batch = self._read(unit)
            except BaseException as error:
                self._close()
                if isinstance(error, pa.ArrowInvalid):
                    raise ValueError(
                        f"{self._store.path(unit.source)}: expected columns that pyarrow can read, "
                        f"got {error} (lists of variable size where rows are null)"
                    ) from error
                raise
            self._unit = unit
        return self._batch

    def _read(self, unit: Unit) -> Any:
        place = (unit.source, unit.footer, unit.row_group)
        if place != self._at or unit.first < self._row:
            self._open(unit)
        self._take(unit.first - self._row, keep=False)
        taken = self._take(unit.rows, keep=True)
        table = pa.Table.from_batches(taken).combine_chunks()
        return table.to_batches()[0]

    def _take(self, count: int, keep: bool) -> list[Any]:
        """The next rows."""
        taken = []
        while count > 0:
            batch = self._left.pop() if self._left else next(self._batches, None)
            if batch is None:
                raise OSError("expected the rows that the footer states, got fewer")
            if batch.num_rows > count:
                self._left.append(batch.slice(count))
                batch = batch.slice(0, count)
            count -= batch.num_rows
            self._row += batch.num_rows
            if keep:
                taken.append(batch)
        return taken

    def _open(self, unit: Unit) -> None:
        self._close()
        self._file = pq.ParquetFile(
            self._store.open(unit.source), buffer_size=_BUFFER, pre_buffer=False
        )
        if footer_digest(self._file.metadata) != unit.footer:
            raise ValueError(
                f"{self._store.path(unit.source)}: expected the file of the run's beginning, got "
                "one that has changed since"
            )
        self._batches = self._file.iter_batches(
            batch_size=_BATCH_ROWS,
            row_groups=[unit.row_group],
            columns=self._columns.of_file(self._file.schema_arrow),
            use_threads=False,
        )
        self._at, self._row = (unit.source, unit.footer, unit.row_group), 0

    def _close(self) -> None:
        if self._file is not None:
            self._file.close(force=True)
        self._file, self._at, self._unit, self._batch = None, None, None, None
        self._batches, self._left = iter(()), []
