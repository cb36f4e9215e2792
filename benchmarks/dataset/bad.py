"""One bad row in a thousand and one that ends its process: those alone are failed."""

from __future__ import annotations

import argparse
import itertools
import subprocess
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from rows import FORMAT, command, keypoints, patched, write_rows

_ROWS, _FATAL_X = 4000, 4321.0


def measure(arguments: argparse.Namespace, source: Path, folder: Path) -> dict[str, object]:
    """Rows that failed, and whether they are those that should."""
    rows = keypoints(arguments.data, _ROWS)
    formats = [FORMAT.name] * _ROWS
    bad = range(500, _ROWS, 1000)
    for row, kind in zip(bad, itertools.cycle(("nan", "two", "format"))):
        if kind == "nan":
            rows[row] = np.nan
        elif kind == "two":
            rows[row, 2:, 2] = 0
        else:
            formats[row] = "body26"
    fatal = 1234
    rows[fatal, 0, 0] = _FATAL_X
    write_rows(source, rows, formats=formats)
    out = folder / "bad"
    run = command(source, out, "--workers", 2, "--rows-per-unit", 500)
    subprocess.run(run, env=patched(FATAL_X=_FATAL_X), check=True)
    table = pq.read_table(out, columns=["source_row", "status", "error"]).to_pylist()
    failed = {row["source_row"]: row["error"] for row in table if row["status"] == "failed"}
    return {
        "rows": len(table),
        "failed": len(failed),
        "as_expected": set(failed) == {*bad, fatal} and failed[fatal] == "process died",
    }
