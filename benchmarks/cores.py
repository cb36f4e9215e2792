"""The cores of a wheel beside each other: import, fits, points with Jacobian.

    python benchmarks/cores.py [--fits 300] [--rounds 3]

Each core runs in processes of its own, in turn, so that both see the same machine; needs an
smplceres that was built with SMPLCERES_CERES=source (`make wheel`, or pip with
-Ccmake.define.SMPLCERES_CERES=source).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import smplceres as sc

IMPORT = """
import time, numpy
begin = time.perf_counter()
import smplceres
print(1e3 * (time.perf_counter() - begin))
"""


def run(arch: str, *command: str) -> str:
    environment = {**os.environ, "SMPLCERES_ARCH": arch}
    return subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=True
    ).stdout


def measure(arch: str, fits: int) -> dict[str, float]:
    """Milliseconds and microseconds of one process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fit.json"
        run(arch, str(Path(__file__).with_name("fit.py")), f"--fits={fits}", f"--json={path}")
        figures = json.loads(path.read_text())
    body = next(value for key, value in figures.items() if key.startswith("smplceres_"))
    one_start = body["call_ms"]["1"]
    return {
        "import, NumPy loaded, ms": float(run(arch, "-c", IMPORT)),
        "cold fit, one start, median, ms": one_start["median"],
        "cold fit, one start, 95 %, ms": one_start["p95"],
        "default fit, two cores, median, ms": body["default_ms"]["median"],
        "warm refit, median, ms": body["warm_ms"]["median"],
        "25 keypoints with Jacobian, us": body["points_with_jacobian_us"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fits", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    archs = list(sc.build_info()["archs"])
    if len(archs) < 2:
        sys.exit(f"cores: expected an smplceres with several cores, got one with {archs}")
    rounds = {arch: [] for arch in archs}
    for _ in range(arguments.rounds):
        for arch in archs:
            rounds[arch].append(measure(arch, arguments.fits))
    print(f"{'':34s}" + "".join(f"{arch:>10s}" for arch in archs))
    for name in rounds[archs[0]][0]:
        values = [np.median([measured[name] for measured in rounds[arch]]) for arch in archs]
        print(f"{name:34s}" + "".join(f"{value:10.2f}" for value in values))


if __name__ == "__main__":
    main()
