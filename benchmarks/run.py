"""All figures, beside what else there is, in one run: raw results to a JSON file.

    python benchmarks/run.py [--data FOLDER] [--only NAME ...] [--quick] [--out FILE]
    python benchmarks/page.py FILE      writes docs/benchmarks.md, its plots, the README's table

Sections are modules of benchmarks/sections/, each run in a process of its own, one thread unless it
says otherwise. Those whose rival is not installed (`make bench`) are left out, and the file says
so. FOLDER has mocap/val.npz, poses as tools/train_pose_prior.py takes them; without it poses are
drawn from the pose prior. --quick measures a little of everything, for tests.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

SECTIONS = (
    "fits",
    "iterations",
    "smplify_x",
    "least_squares",
    "points3d",
    "forward",
    "jacobians",
    "cores",
    "growth",
    "many",
)
# Of the processes that measure: libraries that start threads of their own have one each.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder of mocap/val.npz")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS, metavar="NAME")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("benchmarks.json"))
    parser.add_argument("--section", choices=SECTIONS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    if arguments.data and not (arguments.data / "mocap" / "val.npz").is_file():
        parser.error(f"--data: expected a folder with mocap/val.npz, got {arguments.data}")
    return arguments


def measure_section(arguments: argparse.Namespace) -> None:
    """In this process, alone; the result goes to --out."""
    from sections.given import Given, LeftOutError  # noqa: PLC0415  # after the threads are set

    section = importlib.import_module(f"sections.{arguments.section}")
    try:
        figures = section.measure(Given(quick=arguments.quick, data=arguments.data))
    except LeftOutError as reason:
        figures = {"left_out": str(reason)}
    arguments.out.write_text(json.dumps(figures))


def run_section(name: str, arguments: argparse.Namespace) -> dict[str, object]:
    """In a process of its own."""
    out = arguments.out.with_suffix(f".{name}.part")
    command = [sys.executable, __file__, f"--section={name}", f"--out={out}"]
    command += [f"--data={arguments.data}"] if arguments.data else []
    command += ["--quick"] if arguments.quick else []
    begin = time.perf_counter()
    done = subprocess.run(
        command, env={**os.environ, **dict.fromkeys(ONE_THREAD, "1")}, check=False
    )
    if done.returncode:
        return {"left_out": f"failed with status {done.returncode}"}
    figures = json.loads(out.read_text())
    out.unlink()
    return {"took_s": time.perf_counter() - begin, **figures}


def text_of(results: dict[str, object]) -> str:
    """JSON, a list of numbers on one line."""
    return re.sub(
        r"\[\s+([-+.\w,\s]+?)\s+\]",
        lambda numbers: "[" + re.sub(r"\s+", " ", numbers[1]) + "]",
        json.dumps(results, indent=1),
    )


def main() -> None:
    arguments = parse()
    if arguments.section:
        measure_section(arguments)
        return
    from machine import machine, versions  # noqa: PLC0415  # of what the sections use

    results: dict[str, object] = {
        "command": "python benchmarks/run.py" + (" --data FOLDER" if arguments.data else ""),
        "quick": arguments.quick,
        "machine": machine(),
        "versions": versions(),
    }
    failed = False
    for name in arguments.only:
        print(f"{name} ...", flush=True)
        figures = results[name] = run_section(name, arguments)
        if "left_out" in figures:
            print(f"{name}: left out, {figures['left_out']}")
            failed |= str(figures["left_out"]).startswith("failed")
        arguments.out.write_text(text_of(results))
    print(f"wrote {arguments.out}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
