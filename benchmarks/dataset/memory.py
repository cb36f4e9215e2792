"""Resident memory of a worker: with fits, and over many rows with one fit for all."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
from rows import command, keypoints, patched, write_rows

_REAL_ROWS = 2000


def measure(arguments: argparse.Namespace, source: Path, folder: Path) -> dict[str, object]:
    """MB: the most of a run with fits; the most of each tenth of a run without."""
    rows = keypoints(arguments.data, _REAL_ROWS)
    out = folder / "memory"
    write_rows(source, rows)
    fits = _watch(command(source, out, "--workers", 1, "--rows-per-unit", 500), dict(os.environ))
    shutil.rmtree(out)
    write_rows(source, np.concatenate([rows] * -(-arguments.rows // len(rows))), group=100_000)
    flat = _watch(command(source, out, "--workers", 1), patched(ONE_FIT=1))
    tenth = max(1, len(flat) // 10)
    return {
        "fits_mb": max(fits),
        "rows": arguments.rows,
        "tenths_mb": [max(flat[i : i + tenth]) for i in range(0, len(flat), tenth)],
    }


def _watch(run: list[str], environment: dict[str, str]) -> list[float]:
    """MB of the worker of a run, ten times a second."""
    process = subprocess.Popen(run, env=environment)
    seen = []
    while process.poll() is None:
        time.sleep(0.1)
        for child in _children(process.pid):
            if (size := _resident(child)) is not None:
                seen.append(size)
    assert process.returncode == 0
    return seen


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(each) for task in tasks for each in (task / "children").read_text().split()]
    except OSError:
        return []


def _resident(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("VmRSS")]
    return kilobytes[0] / 1024 if kilobytes else None
