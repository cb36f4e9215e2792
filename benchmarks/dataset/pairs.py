"""CPU of units in a worker over that of fit_many on the same rows, in turn in one process.

What starts once is left out, and what other programs do to caches and clocks meets both alike: so
a few thousand rows tell what whole runs tell only on a quiet machine.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
from rows import CAMERA, FORMAT, keypoints, write_rows

import smplceres as sc

_ROWS_PER_UNIT, _RESAMPLES = 200, 2000


class _InTurn:
    """An executor in this process, which also fits the rows of each unit by fit_many."""

    _max_workers = 1

    def __init__(self, rows: np.ndarray) -> None:
        self._rows = rows
        self.seconds: list[tuple[float, float]] = []

    def submit(self, function: Callable[..., Any], job: bytes, unit: Any) -> Future:
        rows = self._rows[unit.source_row : unit.source_row + unit.rows]
        future: Future = Future()

        def of_unit() -> None:
            future.set_result(function(job, unit))

        def of_fit_many() -> None:
            sc.fit_many(rows, CAMERA, threads=1, keypoint_format=FORMAT)

        if len(self.seconds) % 2:
            many, worker = _cpu(of_fit_many), _cpu(of_unit)
        else:
            worker, many = _cpu(of_unit), _cpu(of_fit_many)
        self.seconds.append((worker, many))
        return future


def measure(arguments: argparse.Namespace, source: Path, folder: Path) -> dict[str, object]:
    """CPU over fit_many with its 95 % interval, by resampling units; the first one, which opens
    the job, is left out."""
    rows = keypoints(arguments.data, arguments.rows)
    write_rows(source, rows)
    executor, out = _InTurn(rows.astype(np.float64)), folder / "pairs"
    sc.fit_dataset(source, out, executor=executor, rows_per_unit=_ROWS_PER_UNIT)
    shutil.rmtree(out)
    pairs = np.array(executor.seconds[1:])
    chosen = np.random.default_rng(0).integers(len(pairs), size=(_RESAMPLES, len(pairs)))
    worker, many = pairs[chosen].sum(axis=1).T
    whole = pairs.sum(axis=0)
    return {
        "rows": _ROWS_PER_UNIT * len(pairs),
        "ms_a_row": (1e3 * whole / (_ROWS_PER_UNIT * len(pairs))).tolist(),
        "over": whole[0] / whole[1] - 1,
        "interval": np.quantile(worker / many - 1, [0.025, 0.975]).tolist(),
    }


def _cpu(call: Callable[[], object]) -> float:
    begin = time.process_time()
    call()
    return time.process_time() - begin
