"""fit_dataset: its cost over fit_many, the memory of a worker, and what is killed.

    python benchmarks/dataset --data FOLDER [--only NAME ...] [--rows N] [--out FILE]

    cost     CPU of all processes for N rows, by engine, over fit_many on two threads
    pairs    CPU of a worker for N rows over fit_many on one thread, unit by unit in turn
    memory   resident memory of a worker over N rows of which the fits are left out
    kills    kill -9 of the driver and of workers at random moments, then the same command again
    busy     64 workers that sleep 2 ms a row: the part of the time that they are busy
    bad      one bad row in a thousand and one that ends its process

Rows are keypoints of BODY_25 of poses of FOLDER/mocap/val.npz with 2 px of noise. Engines whose
package is missing are left out. Figures go to standard output and, as JSON, to FILE.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import bad
import busy
import cost
import kills
import memory
import pairs

MEASURES = {
    "cost": cost.measure,
    "pairs": pairs.measure,
    "memory": memory.measure,
    "kills": kills.measure,
    "busy": busy.measure,
    "bad": bad.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of mocap/val.npz")
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES))
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--engines", nargs="+", default=["local", "dask", "ray"])
    parser.add_argument("--rounds", type=int, default=2, help="of cost")
    parser.add_argument("--kills", type=int, default=20, help="of drivers, and of workers")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.only:
            source = Path(folder) / f"{name}.parquet"
            figures[name] = MEASURES[name](arguments, source, Path(folder))
            print(name, json.dumps(figures[name]), flush=True)
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
