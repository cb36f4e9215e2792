"""Reads damaged files of every kind, or solves random fits, for some minutes; keeps what is wrong.

    python tools/fuzz/run.py MINUTES [--fits] [--workers N] [--seed N] [--out out/fuzz]

Processes of their own read or solve, with limits of memory and of CPU (`files.py`); each is started
again after a crash or a limit. Counts of all runs are added up in OUT/counts.json. Files with a new
error go to OUT/corpus, from which later runs start; wrong ones to OUT/failures, named by reader and
kind, and numbers of wrong fits to OUT/fits.jsonl. The exit status is 1 if there are any.

OUT/seeds has the undamaged files: those that the tests read (`harvest.py`). It is made if missing.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
# Tests that read files; what they leave out is no reader's.
_TESTS = ("base", "body", "cameras", "cli/test_run_file.py", "evidence", "exports", "keypoints")
_TESTS += ("priors", "fit/test_result.py", "detect")
GOOD = ("files", "read", "clear", "solved", "fits")


def harvest(out: Path) -> None:
    """OUT/seeds of the files that the tests read; failing tests leave files as well."""
    seeds = out / "seeds"
    if seeds.is_dir() and any(seeds.iterdir()):
        return
    seeds.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    tests = [str(ROOT / "tests" / name) for name in _TESTS if (ROOT / "tests" / name).exists()]
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "harvest", "-p", "no:cacheprovider", *tests],
        env={**os.environ, "PYTHONPATH": path, "SMPLCERES_HARVEST": str(seeds)},
        stdout=subprocess.DEVNULL,
        check=False,
        cwd=ROOT,
    )
    print(f"{sum(1 for _ in seeds.iterdir())} seeds from the tests", flush=True)


# Signals that end the run with its counts.
_stopped: list[int] = []


class Worker:
    """A process that reads files or solves fits; started again when it ends."""

    def __init__(self, script: str, out: Path, folder: Path, seed: list[int]) -> None:
        self.folder = folder
        self._command = [sys.executable, str(HERE / script), str(out), str(folder)]
        self._seed = seed
        self.life = 0
        self.start()

    def start(self) -> None:
        numbers = [str(number) for number in (*self._seed, self.life)]
        self.life += 1
        self.process = subprocess.Popen(
            [*self._command, *numbers], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def now(self) -> str:
        return (self.folder / "now").read_bytes().rstrip(b"\0").decode()

    def end(self) -> tuple[str, str]:
        """Why the process ended: nothing, `hang` or a crash, and what it said last."""
        _, said = self.process.communicate()
        status = self.process.returncode
        if status in (0, -signal.SIGTERM):
            return "", ""
        return ("hang" if status == -signal.SIGPROF else f"crash{status}"), said[-4000:]


def run(script: str, minutes: float, workers: int, seed: int, out: Path) -> Counter[str]:
    """Counts of this run by outcome, after the name of the reader where there is one."""
    counts: Counter[str] = Counter()
    end = time.monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory(dir=_memory_disk()) as folder, _selector() as selector:
        for number in range(workers):
            worker = Worker(script, out, Path(folder) / str(number), [seed, number])
            selector.register(worker.process.stdout, selectors.EVENT_READ, worker)
        while time.monotonic() < end and not _stopped:
            for key, _ in selector.select(timeout=1):
                worker = key.data
                line = worker.process.stdout.readline()
                if line:
                    _add(counts, Counter(json.loads(line)), out)
                    continue
                selector.unregister(worker.process.stdout)
                why, said = worker.end()
                now = worker.now()
                if why and now != "mutator":
                    _add(counts, Counter({f"{why} {now}": 1}), out)
                    place = out / "failures" / f"{now}_{why}_{seed}_{worker.life}"
                    shutil.copytree(worker.folder, place, dirs_exist_ok=True)
                    (place / "message.txt").write_text(said)
                worker.start()
                selector.register(worker.process.stdout, selectors.EVENT_READ, worker)
        for key in list(selector.get_map().values()):
            key.data.process.terminate()
            for line in key.data.process.communicate()[0].splitlines():
                with contextlib.suppress(ValueError):  # cut short
                    _add(counts, Counter(json.loads(line)), out)
    return counts


def _selector() -> contextlib.closing[selectors.DefaultSelector]:
    return contextlib.closing(selectors.DefaultSelector())


def _memory_disk() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _add(counts: Counter[str], more: Counter[str], out: Path) -> None:
    counts.update(more)
    path = out / "counts.json"
    total = Counter(json.loads(path.read_text())) if path.exists() else Counter()
    total.update(more)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(dict(sorted(total.items())), indent=1))
    beside.replace(path)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("minutes", type=float)
    parser.add_argument("--fits", action="store_true", help="random fits instead of files")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "fuzz")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: _stopped.append(number))
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.fits:
        harvest(options.out)
    script = "fits.py" if options.fits else "files.py"
    counts = run(script, options.minutes, options.workers, options.seed, options.out)
    by_kind: Counter[str] = Counter()
    for name, count in counts.items():
        by_kind[name.rpartition(" ")[0] or name] += count
    wrong = sum(count for kind, count in by_kind.items() if kind not in GOOD)
    print(json.dumps({"seed": options.seed, "wrong": wrong, **by_kind}))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
