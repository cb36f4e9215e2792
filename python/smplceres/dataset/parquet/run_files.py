"""What a folder of outputs holds: its configuration, and which units are finished."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from ...fit.sequence.checkpoint import digest
from .arrow import pq
from .plan import Unit
from .store import Store
from .table import METADATA

# The configuration of a folder of outputs. Readers of Parquet leave out names with an underscore.
CONFIGURATION = "_smplceres.json"
# Footers that are read at once, mostly waiting for a store.
_READERS = 16


class Finished(NamedTuple):
    """The file of a unit, by the counts of its rows' statuses."""

    counts: Mapping[str, int]


def claim_folder(store: Store, configuration: Mapping[str, Any]) -> None:
    """Writes the configuration into a new folder, or checks that it is the folder's.

    Raises:
        ValueError: a folder of another configuration, or with other Parquet files.
        OSError: it cannot be read or written.
    """
    if not store.is_file(CONFIGURATION):
        if strangers := list(store.files(".parquet")):
            raise ValueError(
                f"out: expected an empty folder or one of an earlier run, got {store} with "
                f"{strangers[0]} and no {CONFIGURATION}"
            )
        text = json.dumps(configuration, indent=1, sort_keys=True) + "\n"
        store.write(CONFIGURATION, text.encode())
    known = read_configuration(store)
    if differing := _differences(known, configuration):
        raise ValueError(
            f"out: expected a run with the configuration of {store.path(CONFIGURATION)}, got "
            f"another {', '.join(differing)}; use another folder"
        )


def read_configuration(store: Store) -> dict[str, Any]:
    """The configuration of a folder.

    Raises:
        ValueError: none, or a damaged one.
    """
    path = store.path(CONFIGURATION)
    if not store.is_file(CONFIGURATION):
        raise ValueError(f"out: expected a folder of fit_dataset, found no {path}")
    try:
        known = json.loads(store.read(CONFIGURATION))
    except ValueError as error:
        raise ValueError(f"{path}: expected a configuration, got a damaged file") from error
    if not isinstance(known, dict):
        raise ValueError(f"{path}: expected a configuration, got another JSON")
    return known


def _differences(known: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The first level of keys whose values differ; of `fit` and `options` the second one."""
    # Through JSON, as the known one: tuples become lists.
    plain = json.loads(json.dumps(other))
    named = []
    for key in sorted(known.keys() | plain.keys()):
        one, two = known.get(key), plain.get(key)
        if one == two:
            continue
        if isinstance(one, dict) and isinstance(two, dict):
            inner = sorted(k for k in one.keys() | two.keys() if one.get(k) != two.get(k))
            named += [f"{key}.{k}" for k in inner]
        else:
            named.append(key)
    return named


def unit_metadata(
    unit: Unit, configuration: Mapping[str, Any], counts: Mapping[str, int], build: Any
) -> dict[str, Any]:
    """The metadata of a unit's file."""
    return {
        "configuration": configuration,
        "build": build,
        "unit": {**unit._asdict(), "counts": dict(counts)},
    }


def finished(store: Store, unit: Unit, configuration_digest: str) -> Finished | None:
    """The finished file of a unit; None: it is absent, damaged, or of another input.

    Raises:
        OSError: the store cannot be read.
    """
    if not store.is_file(unit.name):
        return None
    try:
        with store.open(unit.name) as file, pq.ParquetFile(file) as parquet:
            metadata = parquet.metadata
            described = json.loads(metadata.metadata[METADATA])
            counts = described["unit"].pop("counts")
            whole = (
                described["unit"] == unit._asdict()
                and digest([described["configuration"]]) == configuration_digest
                and metadata.num_rows == unit.rows == sum(counts.values())
                and _source_rows(metadata) == (unit.source_row, unit.source_row + unit.rows - 1)
            )
    except Exception:  # whatever a damaged footer makes a reader raise
        return None
    return Finished(counts) if whole else None


def _source_rows(metadata: Any) -> tuple[int, int]:
    """The first and the last row of the input, by the statistics of a footer."""
    group = metadata.row_group(0)
    for number in range(group.num_columns):
        column = group.column(number)
        if column.path_in_schema == "source_row":
            return column.statistics.min, column.statistics.max
    raise ValueError("source_row: expected a column, got none")


def finished_units(
    store: Store, units: Sequence[Unit], configuration: Mapping[str, Any], present: Iterable[str]
) -> dict[str, Finished]:
    """The finished ones of some units, by name.

    Args:
        present: names of the files in the folder.
    """
    there, of_run = set(present), digest([json.loads(json.dumps(configuration))])
    candidates = [unit for unit in units if unit.name in there]
    with ThreadPoolExecutor(_READERS) as pool:
        states = pool.map(lambda unit: finished(store, unit, of_run), candidates)
        return {
            unit.name: state
            for unit, state in zip(candidates, states, strict=True)
            if state is not None
        }
