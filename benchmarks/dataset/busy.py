"""64 workers that sleep for each row: how much of the time they are busy."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import NamedTuple

from smplceres.dataset.engines.local import LocalEngine
from smplceres.dataset.scheduling import Run, Stop

_WORKERS, _ROWS, _SECONDS_A_ROW, _UNITS = 64, 2000, 0.002, 512


class _Unit(NamedTuple):
    name: str


def sleep(shared: bytes, unit: _Unit) -> float:
    """A unit of rows that take no processor; `shared` is the number of rows."""
    begin = time.monotonic()
    for _ in range(int(shared)):
        time.sleep(_SECONDS_A_ROW)
    return time.monotonic() - begin


def measure(arguments: argparse.Namespace, source: Path, folder: Path) -> dict[str, object]:
    """The seconds that workers slept, over all that they could have."""
    engine = LocalEngine(_WORKERS)
    first = engine.share(b"1")
    for future in [engine.submit(sleep, first, _Unit("")) for _ in range(_WORKERS)]:
        future.result()  # all have started
    slept = []
    begin = time.monotonic()
    run = Run(engine, sleep, sleep, str(_ROWS).encode(), lambda unit, took: slept.append(took))
    unfinished = run.execute([_Unit(str(number)) for number in range(_UNITS)], Stop())
    seconds = time.monotonic() - begin
    engine.close()
    assert not unfinished
    return {
        "workers": _WORKERS,
        "units": _UNITS,
        "seconds": seconds,
        "busy": sum(slept) / (_WORKERS * seconds),
    }
