"""`check_dataset`: footers alone."""

from __future__ import annotations

from os import PathLike
from typing import Any

from ..report import DatasetCheck
from .plan import SUFFIX, read_inputs, source_of
from .run_files import finished_units, read_configuration
from .store import Store


def check(source: str | PathLike[str], out: str | PathLike[str], filesystem: Any) -> DatasetCheck:
    """`check_dataset`."""
    store = Store(out, filesystem)
    configuration = read_configuration(store)
    folder, names = source_of(Store(source, filesystem))
    inputs = read_inputs(folder, names)
    rows_per_unit = configuration.get("rows_per_unit")
    if not isinstance(rows_per_unit, int) or rows_per_unit < 1:
        raise ValueError(f"{store}: expected rows_per_unit in the configuration, got none")
    units = [unit for each in inputs for unit in each.units(rows_per_unit)]
    present = store.files(SUFFIX)
    finished = finished_units(store, units, configuration, present)
    return DatasetCheck(
        rows=sum(unit.rows for unit in units),
        rows_found=sum(unit.rows for unit in units if unit.name in finished),
        missing=tuple(unit.name for unit in units if unit.name not in present),
        wrong=tuple(
            unit.name for unit in units if unit.name in present and unit.name not in finished
        ),
        foreign=tuple(sorted(present.keys() - {unit.name for unit in units})),
    )
