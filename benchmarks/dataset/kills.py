"""kill -9 at random moments, then the same command again: the bytes of an undisturbed run."""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

from cost import PACKAGES
from rows import bytes_of, command, keypoints, write_rows

import smplceres as sc

_ROWS, _ROWS_PER_UNIT = 400, 10


def measure(arguments: argparse.Namespace, source: Path, folder: Path) -> dict[str, object]:
    """By engine: kills of drivers and of workers, rows lost, and runs whose bytes differ."""
    write_rows(source, keypoints(arguments.data, _ROWS), group=100)
    rng = random.Random(0)
    found = {}
    for engine in arguments.engines:
        if importlib.util.find_spec(PACKAGES[engine]) is None:
            continue
        options = ("--engine", engine, "--workers", 2, "--rows-per-unit", _ROWS_PER_UNIT)
        whole = folder / "whole"
        begin = time.monotonic()
        subprocess.run(command(source, whole, *options), check=True, stderr=subprocess.DEVNULL)
        took = time.monotonic() - begin
        found[engine] = {
            who: _compare(source, whole, folder / "killed", options, kill, took, arguments, rng)
            for who, kill in (("driver", _kill_driver), ("worker", _kill_worker))
        }
        shutil.rmtree(whole)
    return found


def _compare(source, whole, out, options, kill, took, arguments, rng) -> dict[str, object]:
    """A run is disturbed until all kills are made, and begun anew when it is complete."""
    kills = differing = lost = runs = 0
    while kills < arguments.kills:
        shutil.rmtree(out, ignore_errors=True)
        while kills < arguments.kills:
            made, complete = kill(command(source, out, *options), rng, took)
            kills += made
            if complete:
                break
        subprocess.run(command(source, out, *options), check=True, stderr=subprocess.DEVNULL)
        check = sc.check_dataset(source, out)
        runs += 1
        lost += check.rows - check.rows_found
        differing += bytes_of(out) != bytes_of(whole)
    shutil.rmtree(out)
    return {"kills": kills, "runs": runs, "rows_lost": lost, "runs_that_differ": differing}


def _start(run: list[str]) -> subprocess.Popen:
    return subprocess.Popen(run, stderr=subprocess.DEVNULL)


def _kill_driver(run: list[str], rng: random.Random, took: float) -> tuple[int, bool]:
    """Number of kills, and whether the run was complete before."""
    process = _start(run)
    try:
        process.wait(rng.uniform(0, took))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return 1, False
    return 0, True


def _kill_worker(run: list[str], rng: random.Random, took: float) -> tuple[int, bool]:
    """Kills single processes that fit, until the run ends."""
    process, kills = _start(run), 0
    while process.poll() is None:
        time.sleep(rng.uniform(0.2, 0.5) * took)
        workers = _workers(process.pid)
        if workers and process.poll() is None:
            os.kill(rng.choice(workers), signal.SIGKILL)
            kills += 1
    return kills, process.returncode == 0


def _workers(pid: int) -> list[int]:
    """The processes below a driver that execute units: those of the engine are left out."""
    found, below = [], [pid]
    while below:
        parent = below.pop()
        for path in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                children = [int(each) for each in path.read_text().split()]
            except OSError:
                continue
            below += children
            found += [child for child in children if _is_worker(child)]
    return found


def _is_worker(pid: int) -> bool:
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return False
    return any(word in line for word in ("engines.worker", "spawn_main", "ray::"))
