"""CPU of all processes of a run over that of fit_many on the same rows."""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

from rows import command, keypoints, write_rows

# Of engines.
PACKAGES = {"local": "pyarrow", "dask": "distributed", "ray": "ray"}
# Linux's number: orphans, as the processes of Ray, become children of this process.
_SET_CHILD_SUBREAPER = 36

_MANY = """
import sys, numpy as np, pyarrow.parquet as pq, smplceres as sc
rows = pq.read_table(sys.argv[1])["keypoints"].combine_chunks().flatten().to_numpy()
rows = rows.astype(np.float64).reshape(-1, 25, 3)
camera = sc.Camera(fx=1000, fy=1000, cx=499.5, cy=499.5, width=1000, height=1000)
sc.fit_many(rows, camera, threads=2, keypoint_format="openpose_body25")
"""


def measure(arguments: argparse.Namespace, source: Path, folder: Path) -> dict[str, object]:
    """CPU seconds by engine, minima of rounds, for a tenth of the rows and for all of them: the
    difference is without what starts once."""
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1)
    engines = [
        name for name in arguments.engines if importlib.util.find_spec(PACKAGES[name]) is not None
    ]
    rows = keypoints(arguments.data, arguments.rows)
    seconds: dict[str, dict[int, list[float]]] = {}
    for count in (len(rows) // 10, len(rows)):
        write_rows(source, rows[:count])
        for _ in range(arguments.rounds):
            runs = {"fit_many": [sys.executable, "-c", _MANY, str(source)]}
            out = folder / "cost"
            for name in engines:
                runs[name] = command(source, out, "--engine", name, "--workers", 2)
            for name, run in runs.items():
                seconds.setdefault(name, {}).setdefault(count, []).append(_cpu(run))
                shutil.rmtree(out, ignore_errors=True)
    return {"rows": len(rows), "seconds": seconds, "over": _over(seconds)}


def _over(seconds: dict[str, dict[int, list[float]]]) -> dict[str, dict[str, float]]:
    """Parts by which a run costs more than fit_many: with its start, and by row alone."""
    least = {name: [min(each) for each in of.values()] for name, of in seconds.items()}
    few, many = least["fit_many"]
    return {
        name: {"whole": whole / many - 1, "by_row": (whole - start) / (many - few) - 1}
        for name, (start, whole) in least.items()
        if name != "fit_many"
    }


def _cpu(run: list[str]) -> float:
    """Seconds of a command and of all that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(run, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
