"""`fit_dataset`, once pyarrow is there."""

from __future__ import annotations

import pickle
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any

from ...base.checked_numbers import count_of
from ...body.model import BodyModel
from ..engines.choice import engine_of
from ..report import STATUSES, DatasetReport
from ..scheduling import Run, stopped_by_signals
from ..settings import Settings, settings_of
from .columns import InputColumns
from .fit_unit import Job, fit_unit, fit_unit_apart
from .plan import SUFFIX, InputFile, Unit, read_inputs, source_of
from .run_files import claim_folder, finished_units
from .store import Store
from .table import COVARIANCES, BodySizes, TableFormat

# Of `_smplceres.json` and of the columns; another one is another configuration.
SCHEMA_VERSION = 1

UNITS = {
    "length": "m",
    "angle": "rad, axis-angle",
    "image": "px, pixel centres at integers",
    "frame": "camera (x right, y down, z forward), or the world of its rotation and translation",
}


def run_dataset(
    source: str | PathLike[str],
    out: str | PathLike[str],
    *,
    columns: Mapping[str, str] | None,
    keep: Sequence[str],
    camera: Any,
    model: Any,
    executor: Any,
    workers: int | None,
    address: str | None,
    only: tuple[int, int] | None,
    rows_per_unit: int,
    resume: bool,
    on_error: str,
    covariance: bool | str,
    dtype: str,
    filesystem: Any,
    progress: Callable[[int, int], None] | None,
    fit_options: Mapping[str, Any],
) -> DatasetReport:
    """`fit_dataset`."""
    begin = time.monotonic()
    _check(rows_per_unit, on_error, dtype, only)
    settings, body = settings_of(model, camera, fit_options)
    table_format = TableFormat(_sizes(body), dtype, _covariance(covariance))
    input_columns = InputColumns.of(columns, keep)
    folder, names = source_of(Store(source, filesystem))
    store = Store(out, filesystem)
    inputs = read_inputs(folder, names)
    for each in inputs:
        _check_input(folder, each, input_columns, settings, table_format)
    configuration = _configuration(settings, input_columns, rows_per_unit, table_format)
    claim_folder(store, configuration)
    units = [unit for each in inputs for unit in each.units(rows_per_unit)]
    if only is not None:
        units = units[only[0] :: only[1]]
    job = Job(
        source=folder,
        out=store,
        columns=input_columns,
        settings=settings,
        table_format=table_format,
        raises=on_error == "raise",
        configuration=configuration,
    )
    return _run(job, units, begin, resume, progress, (executor, workers, address))


def _run(
    job: Job,
    units: Sequence[Unit],
    begin: float,
    resume: bool,
    progress: Callable[[int, int], None] | None,
    engine_arguments: tuple[Any, int | None, str | None],
) -> DatasetReport:
    job.out.remove_abandoned()
    present = job.out.files(SUFFIX)
    known = finished_units(job.out, units, job.configuration, present) if resume else {}
    if not resume:
        for unit in units:
            if unit.name in present:
                job.out.fs.delete_file(job.out.path(unit.name))
    counts: Counter[str] = Counter()
    for each in known.values():
        counts.update(each.counts)
    left = [unit for unit in units if unit.name not in known]
    total = sum(unit.rows for unit in units)
    done = total - sum(unit.rows for unit in left)

    def report(unit: Unit, of_unit: Mapping[str, int]) -> None:
        nonlocal done
        counts.update(of_unit)
        done += unit.rows
        if progress is not None:
            progress(done, total)

    if progress is not None:
        progress(done, total)
    unfinished = _execute(job, left, report, engine_arguments) if left else ()
    return DatasetReport(
        rows=total,
        **{status: counts[status] for status in STATUSES},
        units=len(units),
        resumed_units=len(known),
        unfinished=unfinished,
        seconds=time.monotonic() - begin,
    )


def _execute(
    job: Job,
    units: Sequence[Unit],
    report: Callable[[Unit, Mapping[str, int]], None],
    engine_arguments: tuple[Any, int | None, str | None],
) -> Any:
    """The unfinished units; KeyboardInterrupt after the units at hand."""
    engine = engine_of(*engine_arguments)
    now = True
    try:
        with stopped_by_signals() as stop:
            run = Run(engine, fit_unit, fit_unit_apart, pickle.dumps(job), report)
            unfinished = run.execute(units, stop)
            now = False
    finally:
        engine.close(now)
    if stop.requests:
        raise KeyboardInterrupt
    return unfinished


def _check(rows_per_unit: Any, on_error: str, dtype: str, only: Any) -> None:
    if count_of(rows_per_unit) is None:
        raise ValueError(f"rows_per_unit: expected a whole number >= 1, got {rows_per_unit!r}")
    if on_error not in ("row", "raise"):
        raise ValueError(f"on_error: expected 'row' or 'raise', got {on_error!r}")
    if dtype not in ("float64", "float32"):
        raise ValueError(f"dtype: expected 'float64' or 'float32', got {dtype!r}")
    if only is None:
        return
    pair = isinstance(only, tuple | list) and len(only) == 2
    if not pair or not all(type(each) is int for each in only) or not 0 <= only[0] < only[1]:
        raise ValueError(f"only: expected (i, n) with 0 <= i < n, got {only!r}")


def _covariance(covariance: bool | str) -> str:
    chosen = ("full" if covariance else "none") if isinstance(covariance, bool) else covariance
    if chosen not in COVARIANCES:
        raise ValueError(
            f"covariance: expected False, True, 'joints' or 'full', got {covariance!r}"
        )
    return str(chosen)


def _sizes(body: BodyModel) -> BodySizes:
    return BodySizes(body.num_joints, body.num_betas, dict(body.layout.further))


def _check_input(
    folder: Store,
    each: InputFile,
    columns: InputColumns,
    settings: Settings,
    table_format: TableFormat,
) -> None:
    """ValueError, with the file's name, for one that has too few columns."""
    try:
        columns.of_file(each.schema)
        columns.check_camera(each.schema, settings.camera)
        taken = {*table_format.names(), "image"}
        if clash := [name for name in columns.keep if name in taken]:
            raise ValueError(f"keep: expected no names of the output, got {', '.join(clash)}")
    except ValueError as error:
        raise ValueError(f"{folder.path(each.name)}: {error}") from error


def _configuration(
    settings: Settings, columns: InputColumns, rows_per_unit: int, table_format: TableFormat
) -> dict[str, Any]:
    return {
        "schema": SCHEMA_VERSION,
        **settings.described,
        "columns": dict(columns.names),
        "keep": list(columns.keep),
        "rows_per_unit": rows_per_unit,
        "dtype": table_format.dtype,
        "covariance": table_format.covariance,
        "units": UNITS,
    }
