"""The work on a unit: its rows are read, fitted and written as one file."""

from __future__ import annotations

import json
import pickle
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ...base.files.reading import one_line
from ...fit.sequence.checkpoint import digest
from ...fit.single import fit
from ..engines.engine import WorkerDiedError
from ..engines.local import LocalEngine
from ..report import STATUSES
from ..settings import Settings, build_of_core
from .arrow import pa
from .columns import InputColumns, Row
from .plan import Unit
from .reading import UnitReader
from .run_files import finished, unit_metadata
from .store import Store
from .table import TableFormat, failure, make_table, to_parquet, values_of

PROCESS_DIED = "process died"


@dataclass(frozen=True)
class Job:
    """All that the units of a run share; it pickles.

    Attributes:
        source, out: folders.
        columns: of the input.
        settings: of the fits.
        table_format: of the output.
        raises: an error of a row ends the run.
        configuration: of the run, as `_smplceres.json` has it.
    """

    source: Store
    out: Store
    columns: InputColumns
    settings: Settings
    table_format: TableFormat
    raises: bool
    configuration: dict[str, Any]


class RowError(ValueError):
    """A row that cannot be fitted, of a run that such a row ends."""


def fit_unit(job_bytes: bytes, unit: Unit) -> dict[str, int]:
    """Fits the rows of a unit and writes its file, unless it is there.

    Returns:
        the number of rows by status.

    Raises:
        OSError: the input cannot be read or the file not written.
        RowError: a row failed and the job raises.
        ValueError: this process has another version or body than the run.
    """
    opened = _opened(job_bytes)
    if (known := opened.finished(unit)) is not None:
        return known
    return opened.write(unit, opened.fitted(unit, 0, unit.rows))


def fit_unit_apart(job_bytes: bytes, unit: Unit) -> dict[str, int]:
    """As `fit_unit`, of a unit that ends its process: rows are fitted in processes of their own.

    What dies is halved, down to the row; one that dies twice is written as failed.
    """
    opened = _opened(job_bytes)
    if (known := opened.finished(unit)) is not None:
        return known
    with _Apart(job_bytes, unit, opened) as apart:
        rows = apart.fitted(0, unit.rows)
    return opened.write(unit, rows)


def _fit_rows(job_bytes: bytes, unit: Unit, first: int, count: int) -> list[dict[str, Any]]:
    return _opened(job_bytes).fitted(unit, first, count)


class _Apart:
    """A process for the rows of a unit, replaced when it dies."""

    def __init__(self, job_bytes: bytes, unit: Unit, opened: _OpenedJob) -> None:
        self._job, self._unit, self._opened = job_bytes, unit, opened
        self._engine = LocalEngine(1)

    def __enter__(self) -> _Apart:
        return self

    def __exit__(self, *error: object) -> None:
        self._engine.close()

    def fitted(self, first: int, count: int, deaths: int = 0) -> list[dict[str, Any]]:
        """The values of some rows."""
        try:
            rows: list[dict[str, Any]] = self._engine.submit(
                _fit_rows, self._job, self._unit, first, count
            ).result()
        except WorkerDiedError:
            if count > 1:
                half = count // 2
                return [
                    *self.fitted(first, half),
                    *self.fitted(first + half, count - half),
                ]
            if deaths == 0:
                return self.fitted(first, count, deaths=1)
            self._opened.check_failure(self._unit, first, PROCESS_DIED)
            return [failure(PROCESS_DIED)]
        return rows


class _OpenedJob:
    """A job in a process that works on it."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._arguments = job.settings.arguments()
        self._chosen_format = self._arguments.pop("keypoint_format", None)
        self._build = build_of_core()
        self._digest = digest([json.loads(json.dumps(job.configuration))])
        # A reader goes forwards through a row group; each thread has its own.
        self._local = threading.local()
        pa.set_cpu_count(1)

    def finished(self, unit: Unit) -> dict[str, int] | None:
        known = finished(self._job.out, unit, self._digest)
        return None if known is None else dict(known.counts)

    def fitted(self, unit: Unit, first: int, count: int) -> list[dict[str, Any]]:
        """The values of some rows, from the `first` of a unit."""
        job = self._job
        batch = self._reader.read(unit).slice(first, count)
        rows = job.columns.rows(batch, self._chosen_format, job.settings.camera)
        return list(self._fitted(unit, first, rows))

    def _fitted(
        self, unit: Unit, first: int, rows: Iterator[Row | Exception]
    ) -> Iterator[dict[str, Any]]:
        for number, row in enumerate(rows):
            try:
                if isinstance(row, Exception):
                    raise row
                result = fit(row.keypoints, row.camera, **self._arguments)
                yield values_of(result, self._job.table_format.covariance)
            except Exception as error:  # of one row, which must not end the others
                said = one_line(error)
                if not isinstance(error, ValueError | TypeError):
                    said = f"{type(error).__name__}: {said}"
                self.check_failure(unit, first + number, said)
                yield failure(said)

    def check_failure(self, unit: Unit, number: int, said: str) -> None:
        """Raises for a failed row if the run says so."""
        if self._job.raises:
            raise RowError(f"{unit.source}: row {unit.source_row + number}: {said}")

    def write(self, unit: Unit, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
        """Writes the file of a unit."""
        job = self._job
        batch = self._reader.read(unit)
        seen = Counter(row["status"] for row in rows)
        counts = {status: seen[status] for status in STATUSES}
        table = make_table(
            rows,
            _identity(unit, batch, job.columns),
            _carried(batch, job.columns),
            job.table_format,
        )
        metadata = unit_metadata(unit, job.configuration, counts, self._build)
        job.out.write(unit.name, to_parquet(table, metadata))
        return counts

    @property
    def _reader(self) -> UnitReader:
        if not hasattr(self._local, "reader"):
            self._local.reader = UnitReader(self._job.source, self._job.columns)
        reader: UnitReader = self._local.reader
        return reader


@lru_cache(maxsize=1)
def _opened(job_bytes: bytes) -> _OpenedJob:
    job: Job = pickle.loads(job_bytes)
    return _OpenedJob(job)


def _identity(unit: Unit, batch: Any, columns: InputColumns) -> dict[str, Any]:
    numbers = range(unit.source_row, unit.source_row + unit.rows)
    kind = columns.row_id_type(batch.schema)
    if columns.has(batch.schema, "row_id"):
        ids = batch.column(columns.column("row_id")).cast(kind)
    else:
        ids = pa.array([f"{unit.source}:{number}" for number in numbers], kind)
    return {
        "row_id": ids,
        "source": pa.array([unit.source] * unit.rows, pa.string()),
        "source_row": pa.array(numbers, pa.int64()),
    }


def _carried(batch: Any, columns: InputColumns) -> dict[str, Any]:
    """Columns of the input in the output: the name of the image, and those to keep."""
    carried = {}
    if columns.has(batch.schema, "image"):
        carried["image"] = batch.column(columns.column("image"))
    return carried | {name: batch.column(name) for name in columns.keep}
